/* SPDX-License-Identifier: BSD-2-Clause */
#pragma once
/*
 * Sleeping locks with ranks of lock_order.def, kind MUTEX, checked per thread. Holders make
 * progress on their own, so waiting for one is short and cannot be interrupted; long waits are
 * wait_event's. A real-time thread that waits lends its priority to the owner, along any chain,
 * until that one holds no mutex any more (seen at a contended release, or when it is charged next);
 * not for rwlocks, whose holders are many. Programs' locks do it by inherit.h. DEBUG builds report
 * threads that wait for each other in a circle at once.
 */
#include "kernel/lib/debug.h"

#include "kernel/sched/realtime.h"
#include "kernel/sched/wait.h"
#include "kernel/sched/wait_graph.h"

struct mutex {
	struct thread *owner;
	struct wait_queue waiters;
	uint64_t bit; /* lock_bit() of its class; 0, not made yet, is refused */
	struct mutex_note note;
};

/* clang-format off */
#define MUTEX_INIT(name, class) {.waiters = WAIT_QUEUE_INIT((name).waiters), .bit = 1ull << (class)}
/* clang-format on */

void mutex_init(struct mutex *mutex, enum lock_class class);

/* Report a mutex taken against lock_order.def or where nothing may sleep. */
_Noreturn void mutex_violation(uint64_t bit);
/* Sleep until the mutex is free and take it. */
void mutex_lock_contended(struct mutex *mutex, const char *place);
/* Wake the longest waiting one, and give back what those who waited have lent. */
void mutex_unlock_contended(struct mutex *mutex);

/* Note that @self holds a lock of @bit, after the checks that every build makes. */
static inline void mutex_rank_take(struct thread *self, uint64_t bit)
{
	const struct cpu *cpu = cpu_self();
	uint64_t held = self->held_mutexes;

	if (unlikely(held >= bit || cpu->held_locks | cpu->irq_depth))
		mutex_violation(bit);
	self->held_mutexes = held | bit;
}

static inline bool mutex_take(struct mutex *mutex, struct thread *self)
{
	struct thread *nobody = NULL;

	return __atomic_compare_exchange_n(&mutex->owner, &nobody, self, false, __ATOMIC_ACQUIRE,
					   __ATOMIC_RELAXED);
}

/** Take @mutex, sleeping if need be. Context: thread, no spinlock held, lower ranks held only. */
#define mutex_lock(mutex) mutex_lock_at((mutex), SOURCE_PLACE)
static inline void mutex_lock_at(struct mutex *mutex, const char *place)
{
	struct thread *self = thread_self();

	mutex_rank_take(self, mutex->bit);
	if (unlikely(!mutex_take(mutex, self)))
		mutex_lock_contended(mutex, place);
	if (CONFIG_DEBUG)
		wait_graph_hold(mutex, lock_rank(mutex->bit), &mutex->note, place);
}

/** Release @mutex, which the running thread owns. */
static inline void mutex_unlock(struct mutex *mutex)
{
	struct thread *self = thread_self();

	ASSERT(mutex->owner == self);
	if (CONFIG_DEBUG)
		wait_graph_drop(lock_rank(mutex->bit));
	self->held_mutexes &= ~mutex->bit;
	__atomic_store_n(&mutex->owner, NULL, __ATOMIC_RELEASE);
	if (unlikely(wait_queue_active(&mutex->waiters)))
		mutex_unlock_contended(mutex);
}

/** Whether the running thread owns @mutex. For assertions. */
static inline bool mutex_held(const struct mutex *mutex)
{
	return mutex->owner == thread_self();
}

/*
 * Many readers or one writer. A waiting writer keeps new readers out, so it is not starved; a
 * thread must not take the same lock for reading twice.
 */
struct rwlock {
	int32_t readers; /* -1: a writer */
	uint32_t writers_waiting;
	struct thread *writer;
	struct wait_queue waiters;
	uint64_t bit; /* lock_bit() of its class; 0, not made yet, is refused */
	struct mutex_note note;
};

void rwlock_init(struct rwlock *lock, enum lock_class class);

/* Sleep until the lock can be had and take it. */
void rwlock_read_contended(struct rwlock *lock, const char *place);
void rwlock_write_contended(struct rwlock *lock, const char *place);

static inline bool rwlock_take_read(struct rwlock *lock)
{
	int32_t readers = __atomic_load_n(&lock->readers, __ATOMIC_RELAXED);

	do {
		if (readers < 0 || READ_ONCE(lock->writers_waiting))
			return false;
	} while (!__atomic_compare_exchange_n(&lock->readers, &readers, readers + 1, true,
					      __ATOMIC_ACQUIRE, __ATOMIC_RELAXED));
	return true;
}

static inline bool rwlock_take_write(struct rwlock *lock, struct thread *self)
{
	int32_t nobody = 0;

	if (!__atomic_compare_exchange_n(&lock->readers, &nobody, -1, false, __ATOMIC_ACQUIRE,
					 __ATOMIC_RELAXED))
		return false;
	lock->writer = self;
	return true;
}

/** Take @lock together with other readers. Context: as mutex_lock. */
#define rwlock_read(lock) rwlock_read_at((lock), SOURCE_PLACE)
static inline void rwlock_read_at(struct rwlock *lock, const char *place)
{
	mutex_rank_take(thread_self(), lock->bit);
	if (unlikely(!rwlock_take_read(lock)))
		rwlock_read_contended(lock, place);
	if (CONFIG_DEBUG)
		wait_graph_hold(lock, lock_rank(lock->bit), &lock->note, place);
}

static inline void rwlock_read_done(struct rwlock *lock)
{
	ASSERT(lock->readers > 0);
	if (CONFIG_DEBUG)
		wait_graph_drop(lock_rank(lock->bit));
	thread_self()->held_mutexes &= ~lock->bit;
	if (__atomic_sub_fetch(&lock->readers, 1, __ATOMIC_RELEASE) == 0)
		wait_wake_all(&lock->waiters);
}

/** Take @lock alone. Context: as mutex_lock. */
#define rwlock_write(lock) rwlock_write_at((lock), SOURCE_PLACE)
static inline void rwlock_write_at(struct rwlock *lock, const char *place)
{
	struct thread *self = thread_self();

	mutex_rank_take(self, lock->bit);
	if (unlikely(!rwlock_take_write(lock, self)))
		rwlock_write_contended(lock, place);
	if (CONFIG_DEBUG)
		wait_graph_hold(lock, lock_rank(lock->bit), &lock->note, place);
}

static inline void rwlock_write_done(struct rwlock *lock)
{
	struct thread *self = thread_self();

	ASSERT(lock->writer == self);
	if (CONFIG_DEBUG)
		wait_graph_drop(lock_rank(lock->bit));
	self->held_mutexes &= ~lock->bit;
	lock->writer = NULL;
	__atomic_store_n(&lock->readers, 0, __ATOMIC_RELEASE);
	wait_wake_all(&lock->waiters);
}

static inline bool rwlock_write_held(const struct rwlock *lock)
{
	return lock->writer == thread_self();
}
