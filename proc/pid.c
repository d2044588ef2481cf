/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Numbers go to the CPUs by blocks, so that those on different CPUs have no cache line in common. A
 * CPU gives its block's numbers in order, then takes the next block that has some and no owner.
 */
#include "proc/pid.h"

#include "kernel/lib/bits.h"
#include "kernel/lib/compiler.h"

#include "ipc/futex_hooks.h"
#include "kernel/core/state_digest.h"
#include "kernel/core/time.h"
#include "mm/slab.h"
#include "proc/process.h"
#include "proc/tally.h"

#define BLOCK_NUMBERS 64u
#define BLOCKS        (PID_MAX / BLOCK_NUMBERS)
/* 0 never is one, 1 is kept for the first process. */
#define FIRST_NUMBER 1u
#define KEPT         (BIT(0) | BIT(FIRST_NUMBER))

static SLAB_CACHE(pid_cache, struct pid);

static struct pid_block {
	struct claim claim;
	bool has_owner; /* under owner_lock */
	uint64_t used;  /* bit set: the number is in use */
	uint64_t ahead; /* those whose turn has not come since the block has this owner */
	struct pid *holders[BLOCK_NUMBERS] __aligned(CACHE_LINE);
} __aligned(CACHE_LINE) blocks[BLOCKS];

/* Which block each CPU gives numbers from, and what it gave last. */
static struct pid_cpu {
	struct pid_block *block;
	uint32_t last;
	uint64_t last_ns;
} __aligned(CACHE_LINE) pid_cpus[LIMIT_CPUS];

static struct spinlock owner_lock = SPINLOCK_INIT(LOCK_PID);
static uint32_t next_block;

static uint32_t number_of(const struct pid_block *block, uint32_t index)
{
	return (uint32_t)(block - blocks) * BLOCK_NUMBERS + index;
}

static struct pid_block *block_of(uint32_t number)
{
	return &blocks[number / BLOCK_NUMBERS];
}

/* The claim is held. */
static void enter(struct pid_block *block, uint32_t index, struct pid *pid)
{
	pid->number = number_of(block, index);
	block->used |= BIT(index);
	__atomic_store_n(&block->holders[index], pid, __ATOMIC_RELEASE);
}

/* The block's first free number among @ahead and those behind becomes @pid's, if there is one. */
static bool take_from(struct pid_block *block, uint64_t ahead, struct pid *pid)
{
	claim_take(&block->claim);
	uint64_t free = ahead & ~block->used & ~(block == blocks ? KEPT : 0);

	if (free) {
		uint32_t index = (uint32_t)__builtin_ctzll(free);
		enter(block, index, pid);
		block->ahead = ahead & ~(BIT(index) | (BIT(index) - 1));
	}
	claim_drop(&block->claim);
	return free;
}

/* Blocks go round, so that a number that was just given back is not used again at once. */
static bool take_block_locked(struct pid_cpu *cpu, struct pid *pid)
{
	for (uint32_t i = 0; i < BLOCKS; i++) {
		struct pid_block *block = &blocks[(next_block + i) % BLOCKS];

		if (block->has_owner || !take_from(block, ~0ull, pid))
			continue;
		block->has_owner = true;
		cpu->block = block;
		next_block = (uint32_t)(block - blocks) + 1;
		return true;
	}
	return false;
}

/* The last ones are in other CPUs' blocks, behind their turn or before. */
static bool take_from_others(struct pid *pid)
{
	for (uint32_t i = 0; i < BLOCKS; i++)
		if (take_from(&blocks[i], ~0ull, pid))
			return true;
	return false;
}

static __noinline bool take_elsewhere(struct pid_cpu *cpu, struct pid *pid)
{
	spin_lock(&owner_lock);
	if (cpu->block)
		cpu->block->has_owner = false;
	cpu->block = NULL;
	bool taken = take_block_locked(cpu, pid) || take_from_others(pid);
	spin_unlock(&owner_lock);
	return taken;
}

static bool take_number(struct pid *pid)
{
	struct pid_cpu *cpu = &pid_cpus[cpu_id()];

	if (!(cpu->block && take_from(cpu->block, cpu->block->ahead, pid)) &&
	    !take_elsewhere(cpu, pid))
		return false;
	cpu->last = pid->number;
	cpu->last_ns = time_now_ns();
	return true;
}

static struct pid *make(void)
{
	struct pid *pid = slab_alloc_zero(&pid_cache);

	if (!pid)
		return NULL;
	refcount_init(&pid->count, 1);
	spin_init(&pid->lock, LOCK_SESSION);
	list_init(&pid->group);
	list_init(&pid->session);
	return pid;
}

enum err pid_create(struct pid **out)
{
	struct pid *pid = make();

	if (!pid)
		return ERR_NOMEM;
	if (!take_number(pid)) {
		slab_free(&pid_cache, pid);
		return ERR_AGAIN;
	}
	tally_add(TALLY_PIDS, 1);
	*out = pid;
	return OK;
}

enum err pid_create_first(struct pid **out)
{
	struct pid *pid = make();

	if (!pid)
		return ERR_NOMEM;
	claim_take(&blocks->claim);
	enter(blocks, FIRST_NUMBER, pid);
	claim_drop(&blocks->claim);
	tally_add(TALLY_PIDS, 1);
	*out = pid;
	return OK;
}

uint32_t pid_last(void)
{
	const struct pid_cpu *newest = pid_cpus;

	for (unsigned i = 1; i < LIMIT_CPUS; i++)
		if (READ_ONCE(pid_cpus[i].last_ns) > READ_ONCE(newest->last_ns))
			newest = &pid_cpus[i];
	return READ_ONCE(newest->last);
}

struct pid *pid_find(uint32_t number)
{
	ASSERT(lglock_held(&process_lock));
	if (number >= PID_MAX)
		return NULL;
	return __atomic_load_n(&block_of(number)->holders[number % BLOCK_NUMBERS],
			       __ATOMIC_ACQUIRE);
}

/*
 * It may be anybody's, who ends meanwhile under the lock of another session. The claim keeps its
 * process in the tree and its number given, as long as it is looked at.
 */
struct process *pid_find_child(uint32_t number, const struct process *parent)
{
	struct process *child = NULL;

	if (number >= PID_MAX)
		return NULL;
	struct pid_block *block = block_of(number);

	claim_take(&block->claim);
	const struct pid *pid = block->holders[number % BLOCK_NUMBERS];
	if (pid && pid->process && pid->process->parent == parent)
		child = pid->process;
	claim_drop(&block->claim);
	return child;
}

void pid_set_process(struct pid *pid, struct process *process)
{
	struct pid_block *block = block_of(pid->number);

	claim_take(&block->claim);
	pid->process = process;
	claim_drop(&block->claim);
}

void futex_owners_hold(void)
{
	lglock_lock(&process_lock);
}

void futex_owners_release(void)
{
	lglock_unlock(&process_lock);
}

struct thread *futex_owner_find(uint32_t number)
{
	const struct pid *pid = pid_find(number);

	return pid && pid->task ? &pid->task->thread : NULL;
}

struct pid *pid_next(uint32_t from)
{
	while (from < PID_MAX) {
		const struct pid_block *block = block_of(from);
		uint64_t there = READ_ONCE(block->used) & ~0ull << from % BLOCK_NUMBERS;
		uint32_t end = number_of(block, 0) + BLOCK_NUMBERS;

		for (; there; there &= there - 1) {
			uint32_t index = (uint32_t)__builtin_ctzll(there);
			struct pid *pid = pid_find(number_of(block, index));

			/* One that is being given now may not be there yet. */
			if (pid)
				return pid;
		}
		from = end;
	}
	return NULL;
}

static void give_number_back(const struct pid *pid)
{
	struct pid_block *block = block_of(pid->number);
	uint32_t index = pid->number % BLOCK_NUMBERS;

	ASSERT(list_empty(&pid->group) && list_empty(&pid->session));
	claim_take(&block->claim);
	block->holders[index] = NULL;
	block->used &= ~BIT(index);
	claim_drop(&block->claim);
	tally_add(TALLY_PIDS, -1);
}

void pid_put(struct pid *pid)
{
	bool last;

	if (refcount_put_unless_last(&pid->count))
		return;
	/* Whoever found it by its number under process_lock has let go of it by then. */
	bool is_local = lglock_try_local(&process_lock);
	if (!is_local)
		lglock_lock(&process_lock);
	last = refcount_put(&pid->count);
	if (last)
		give_number_back(pid);
	if (is_local)
		lglock_leave();
	else
		lglock_unlock(&process_lock);
	if (last)
		slab_free(&pid_cache, pid);
}

void pid_restart(void)
{
	spin_lock(&owner_lock);
	for (unsigned i = 0; i < LIMIT_CPUS; i++) {
		if (pid_cpus[i].block)
			pid_cpus[i].block->has_owner = false;
		pid_cpus[i].block = NULL;
	}
	next_block = 0;
	spin_unlock(&owner_lock);
}

uint32_t pid_count(void)
{
	return (uint32_t)tally_sum(TALLY_PIDS);
}

static uint64_t pids_in_use(void)
{
	return pid_count();
}

STATE_COUNTER(pids_in_use);
