/* SPDX-License-Identifier: BSD-2-Clause */
#pragma once
/*
 * Spinlocks with ranks that are always checked.
 *
 * Each lock belongs to a row of lock_order.def. A CPU may take a lock only while every spinlock it
 * holds has a lower rank: one comparison with the CPU's mask of held ranks, in every build. A class
 * of kind IRQ is shared with interrupt handlers: it is taken with interrupts off
 * (spin_lock_irqsave, or spin_lock where they are off already). A class of kind SPIN must not be
 * taken inside an interrupt or under an IRQ lock. A thread must not sleep while its CPU holds any
 * (sched asserts it). Every violation is an ASSERT: a caller's bug. A lock that stays taken for
 * seconds is a panic (patience.h); its report tells who holds which lock and who waits.
 */
#include "kernel/lib/assert.h"
#include "kernel/lib/compiler.h"
#include "kernel/lib/debug.h"
#include "kernel/lib/types.h"

#include "kernel/core/lock_class.h"
#include "kernel/x86/cpu.h"
#include "kernel/x86/percpu.h"

/* Of a DEBUG build only. */
struct spin_note {
#if CONFIG_DEBUG
	const char *place; /* where it was taken */
	uint32_t owner;    /* 1 + the number of the CPU that holds it */
	uint32_t last;     /* the same of who had it last */
#endif
};

struct spinlock {
	uint32_t held;
	uint64_t bit; /* lock_bit() of its class; 0, not made yet, is refused */
	struct spin_note note;
} __lock_class("spinlock");

/* clang-format off */
#define SPINLOCK_INIT(class) {.held = 0, .bit = 1ull << (class)}
/* clang-format on */

/** Make a lock of @class free. Context: before anybody else knows the lock. */
static inline void spin_init(struct spinlock *lock, enum lock_class class)
{
	lock->held = 0;
	lock->bit = lock_bit(class);
}

/** Wait for a lock that somebody holds. Only spin_lock calls this. */
void spin_lock_contended(struct spinlock *lock, const char *place);

/* DEBUG builds: this CPU has taken @lock, or is about to release it. */
void spin_note_taken(struct spinlock *lock, const char *place);
void spin_note_released(struct spinlock *lock);

/** Report a lock taken against lock_order.def. Only spin_lock calls this. */
_Noreturn void spin_rank_violation(const struct spinlock *lock, uint64_t held_mask);

/** Report a lock taken where its kind must not be. Only spin_lock calls this. */
_Noreturn void spin_context_violation(const struct spinlock *lock);

/* The check of ranks and the lock itself; spin_lock and spin_lock_irqsave check the context. */
static inline void spin_acquire_at(struct cpu *cpu, struct spinlock *lock, const char *place)
	__acquires(lock) __no_lock_analysis
{
	uint64_t held = cpu->held_locks;

	if (unlikely(held >= lock->bit))
		spin_rank_violation(lock, held);
	cpu->held_locks = held | lock->bit;
	if (CONFIG_DEBUG)
		delay_here();
	if (unlikely(__atomic_exchange_n(&lock->held, 1, __ATOMIC_ACQUIRE)))
		spin_lock_contended(lock, place);
	if (CONFIG_DEBUG)
		spin_note_taken(lock, place);
}
#define spin_acquire(cpu, lock) spin_acquire_at((cpu), (lock), SOURCE_PLACE)

/**
 * Take @lock. For a class of kind IRQ interrupts must be off already.
 *
 * Context: any for IRQ classes; for SPIN classes not in an interrupt. Until spin_unlock: no sleep,
 * no fault on user memory.
 */
#define spin_lock(lock) spin_lock_at((lock), SOURCE_PLACE)
static inline void spin_lock_at(struct spinlock *lock, const char *place)
	__acquires(lock) __no_lock_analysis
{
	struct cpu *cpu = cpu_self();

	if (unlikely(lock->bit >> LOCK_IRQ_FIRST ? irq_enabled() : cpu->irq_depth))
		spin_context_violation(lock);
	spin_acquire_at(cpu, lock, place);
}

/** Release @lock, which this CPU holds. */
static inline void spin_unlock(struct spinlock *lock) __releases(lock) __no_lock_analysis
{
	struct cpu *cpu = cpu_self();
	uint64_t held = cpu->held_locks, bit = lock->bit;

	ASSERT(held & bit);
	if (CONFIG_DEBUG) {
		delay_here();
		spin_note_released(lock);
	}
	__atomic_store_n(&lock->held, 0, __ATOMIC_RELEASE);
	cpu->held_locks = held ^ bit;
}

/**
 * Turn interrupts off and take @lock.
 *
 * Return: what spin_unlock_irqrestore needs.
 */
#define spin_lock_irqsave(lock) spin_lock_irqsave_at((lock), SOURCE_PLACE)
static inline uint64_t spin_lock_irqsave_at(struct spinlock *lock, const char *place)
	__acquires(lock) __no_lock_analysis
{
	uint64_t flags = irq_save();

	spin_acquire_at(cpu_self(), lock, place);
	return flags;
}

/** Release @lock and put interrupts back as spin_lock_irqsave found them. */
static inline void spin_unlock_irqrestore(struct spinlock *lock, uint64_t flags)
	__releases(lock) __no_lock_analysis
{
	spin_unlock(lock);
	irq_restore(flags);
}

/**
 * Take two locks of one class, or one that is both: always in the order of their addresses, so two
 * CPUs with the same pair do not wait for each other. For classes of kind IRQ interrupts are off.
 */
#define spin_lock_pair(a, b) spin_lock_pair_at((a), (b), SOURCE_PLACE)
void spin_lock_pair_at(struct spinlock *a, struct spinlock *b,
		       const char *place) __no_lock_analysis;
void spin_unlock_pair(struct spinlock *a, struct spinlock *b) __no_lock_analysis;

/** Whether this CPU holds a lock of @lock's rank. For assertions. */
static inline bool spin_held(const struct spinlock *lock)
{
	return lock->held && cpu_self()->held_locks & lock->bit;
}

/** Whether lock_order.def keeps its rule: MUTEX ranks below SPIN ranks below IRQ ranks. */
bool lock_order_sound(void);

/** ASSERT that this CPU may sleep: no spinlock held, not inside an interrupt. */
void might_sleep(void);

/** Have reports of a panic tell who holds spinlocks and who waits. Context: boot, once. */
void spin_report_init(void);
