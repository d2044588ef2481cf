/* SPDX-License-Identifier: BSD-2-Clause */
#include "kernel/core/spinlock.h"

#include "kernel/lib/bits.h"

#include "kernel/core/panic.h"
#include "kernel/core/spinlock_internal.h"
#include "kernel/x86/patience.h"
#include "kernel/x86/tlb.h"

static const char *const lock_names[LOCK_RANK_COUNT] = {
#define LOCK_CLASS(rank, name, kind, protects) [rank] = #name,
#include "kernel/core/lock_order.def"
#undef LOCK_CLASS
};

/* The ranks of each kind, as masks: what "a lock of kind IRQ" means is computed, not typed. */
#define LOCK_CLASS(rank, name, kind, protects) \
	| (uint64_t)(LOCK_KIND_##kind == KIND_WANTED) << (rank)
#define KIND_WANTED LOCK_KIND_MUTEX
static const uint64_t mutex_ranks = 0
#include "kernel/core/lock_order.def"
	;
#undef KIND_WANTED
#define KIND_WANTED LOCK_KIND_SPIN
static const uint64_t spin_ranks = 0
#include "kernel/core/lock_order.def"
	;
#undef KIND_WANTED
#define KIND_WANTED LOCK_KIND_IRQ
static const uint64_t irq_ranks = 0
#include "kernel/core/lock_order.def"
	;
#undef KIND_WANTED
#undef LOCK_CLASS

const char *lock_name(unsigned rank)
{
	return rank < LOCK_RANK_COUNT && lock_names[rank] ? lock_names[rank] : "no such lock";
}

bool lock_order_sound(void)
{
	return mutex_ranks != 0 && spin_ranks != 0 && irq_ranks != 0 &&
	       log2_floor(mutex_ranks) < (unsigned)__builtin_ctzll(spin_ranks) &&
	       log2_floor(spin_ranks) < LOCK_IRQ_FIRST &&
	       (unsigned)__builtin_ctzll(irq_ranks) >= LOCK_IRQ_FIRST;
}

struct spin_wait spin_waits[LIMIT_CPUS];

/* Which CPU has it, and what it does there, stands in the report. */
static _Noreturn void stuck(const struct spinlock *lock)
{
	panic("CPU %u has waited %u s for a lock of class %s", cpu_id(), PATIENCE_MS / 1000,
	      lock_name(lock_rank(lock->bit)));
}

/* Until it looks free. */
static void spin_while_held(const struct spinlock *lock, struct patience *patience)
{
	for (uint64_t looks = 1; __atomic_load_n(&lock->held, __ATOMIC_RELAXED); looks++) {
		/* Who holds it may wait for this CPU's flush, interrupts on or off. */
		tlb_serve();
		cpu_relax();
		if (unlikely(patience_over(patience)))
			stuck(lock);
		if (CONFIG_DEBUG && looks % SPIN_CYCLE_LOOKS == 0)
			spin_cycle_check(lock);
	}
}

void spin_lock_contended(struct spinlock *lock, const char *place)
{
	struct patience patience = patience_begin();
	struct spin_wait *wait = &spin_waits[cpu_id()];
	/* Of what this interrupt came upon. */
	const struct spin_wait outer = *wait;

	*wait = (struct spin_wait){lock, place, (uint64_t)__builtin_return_address(0)};
	do
		spin_while_held(lock, &patience);
	while (__atomic_exchange_n(&lock->held, 1, __ATOMIC_ACQUIRE));
	*wait = outer;
	if (CONFIG_DEBUG)
		spin_note_contended(lock);
}

void spin_lock_pair_at(struct spinlock *a, struct spinlock *b, const char *place)
{
	struct spinlock *first = a < b ? a : b, *second = a < b ? b : a;

	ASSERT(a->bit == b->bit);
	spin_lock_at(first, place);
	if (second == first)
		return;
	if (__atomic_exchange_n(&second->held, 1, __ATOMIC_ACQUIRE))
		spin_lock_contended(second, place);
	if (CONFIG_DEBUG)
		spin_note_taken(second, place);
}

void spin_unlock_pair(struct spinlock *a, struct spinlock *b)
{
	if (a != b) {
		if (CONFIG_DEBUG)
			spin_note_released(a);
		__atomic_store_n(&a->held, 0, __ATOMIC_RELEASE);
	}
	spin_unlock(b);
}

void spin_rank_violation(const struct spinlock *lock, uint64_t held_mask)
{
	unsigned held = held_mask ? log2_floor(held_mask) : 0;

	panic_assert("lock ranks ascend", lock_name(lock_rank(lock->bit)), lock_name(held));
}

void spin_context_violation(const struct spinlock *lock)
{
	panic_assert("lock fits its context", lock_name(lock_rank(lock->bit)),
		     lock->bit >> LOCK_IRQ_FIRST ? "interrupts on" : "inside an interrupt");
}

void might_sleep(void)
{
	const struct cpu *cpu = cpu_self();

	ASSERT(cpu->held_locks == 0);
	ASSERT(cpu->irq_depth == 0);
}
