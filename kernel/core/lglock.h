/* SPDX-License-Identifier: BSD-2-Clause */
#pragma once
/*
 * A local-global lock, for what is changed in parts far more often than as a whole. Who holds it
 * globally is alone. Who holds it locally keeps only those out: any number of CPUs do at once, and
 * guard what more than one of them may reach by other locks.
 *
 * A local holder writes a word of his own CPU and reads one that only global holders write. A
 * global holder pays for that: he looks at the word of each CPU.
 */
#include "kernel/lib/assert.h"
#include "kernel/lib/compiler.h"
#include "kernel/lib/types.h"

#include "kernel/core/spinlock.h"
#include "kernel/x86/cpus.h"

struct lglock {
	struct spinlock global;
	uint32_t is_global __aligned(64); /* or is going to be */
} __aligned(64) __lock_class("lglock");

/* clang-format off */
#define LGLOCK_INIT(class) {.global = SPINLOCK_INIT(class)}
/* clang-format on */

/** Wait until no other CPU holds @lock locally. Only lglock_lock calls this. */
void lglock_await_locals(const struct lglock *lock);

/** Take @lock globally. Context: as spin_lock of its class; it is not held locally. */
#define lglock_lock(lock) lglock_lock_at((lock), SOURCE_PLACE)
static inline void lglock_lock_at(struct lglock *lock, const char *place)
	__acquires(lock) __no_lock_analysis
{
	spin_lock_at(&lock->global, place);
	/* Before the looks: a local holder writes and looks in the other order. */
	__atomic_store_n(&lock->is_global, 1, __ATOMIC_SEQ_CST);
	if (unlikely(READ_ONCE(cpus_online) != BIT(0)))
		lglock_await_locals(lock);
}

static inline void lglock_unlock(struct lglock *lock) __releases(lock) __no_lock_analysis
{
	__atomic_store_n(&lock->is_global, 0, __ATOMIC_RELEASE);
	spin_unlock(&lock->global);
}

/** Whether this CPU holds @lock globally. For assertions. */
static inline bool lglock_held(const struct lglock *lock)
{
	return spin_held(&lock->global);
}

/**
 * Hold @lock locally until lglock_leave(), unless somebody holds it globally or is about to.
 * Context: not in an interrupt; no other lglock is held locally; until lglock_leave() no sleep, and
 * it is not taken globally.
 */
static inline bool lglock_try_local(const struct lglock *lock)
{
	struct cpu *cpu = cpu_self();

	ASSERT(!cpu->local_lock && cpu->held_locks < lock->global.bit);
	__atomic_store_n(&cpu->local_lock, lock->global.bit, __ATOMIC_RELAXED);
	__atomic_thread_fence(__ATOMIC_SEQ_CST);
	if (CONFIG_DEBUG)
		delay_here();
	if (likely(!__atomic_load_n(&lock->is_global, __ATOMIC_ACQUIRE)))
		return true;
	__atomic_store_n(&cpu->local_lock, 0, __ATOMIC_RELAXED);
	return false;
}

static inline void lglock_leave(void)
{
	if (CONFIG_DEBUG)
		delay_here();
	__atomic_store_n(&cpu_self()->local_lock, 0, __ATOMIC_RELEASE);
}
