/* SPDX-License-Identifier: BSD-2-Clause */
#include "kernel/sched/mutex.h"

#include "kernel/core/panic.h"
#include "kernel/lib/bits.h"

void mutex_violation(uint32_t rank)
{
	uint64_t held = thread_self()->held_mutexes;

	might_sleep();
	panic_assert("mutex ranks ascend", lock_name(rank), lock_name(held ? log2_floor(held) : 0));
}

static void rank_drop(struct thread *self, uint32_t rank)
{
	ASSERT(self->held_mutexes >> rank & 1);
	self->held_mutexes &= ~(1ull << rank);
}

void mutex_init(struct mutex *mutex, enum lock_class class)
{
	mutex->owner = NULL;
	mutex->rank = (uint32_t)class;
	wait_queue_init(&mutex->waiters);
}

/* Sleeps until @take succeeds. Holders make progress by themselves, so nothing interrupts this. */
static void lock_sleep(struct wait_queue *queue, bool (*take)(void *lock, struct thread *self),
		       void *lock)
{
	struct thread *self = thread_self();
	struct waiter waiter;

	wait_init(&waiter, queue);
	for (;;) {
		wait_prepare(&waiter);
		if (take(lock, self))
			break;
		schedule();
	}
	wait_finish(&waiter);
}

static bool mutex_take_any(void *lock, struct thread *self)
{
	return mutex_take(lock, self);
}

void mutex_lock_contended(struct mutex *mutex)
{
	lock_sleep(&mutex->waiters, mutex_take_any, mutex);
}

bool mutex_trylock(struct mutex *mutex)
{
	struct thread *self = thread_self();

	if (!mutex_take(mutex, self))
		return false;
	mutex_rank_take(self, mutex->rank);
	return true;
}

void rwlock_init(struct rwlock *lock, enum lock_class class)
{
	lock->readers = 0;
	lock->writers_waiting = 0;
	lock->writer = NULL;
	lock->rank = (uint32_t)class;
	wait_queue_init(&lock->waiters);
}

static bool rwlock_take_read(void *at, struct thread *self)
{
	struct rwlock *lock = at;
	int32_t readers = __atomic_load_n(&lock->readers, __ATOMIC_RELAXED);

	(void)self;
	do {
		if (readers < 0 || READ_ONCE(lock->writers_waiting))
			return false;
	} while (!__atomic_compare_exchange_n(&lock->readers, &readers, readers + 1, true,
					      __ATOMIC_ACQUIRE, __ATOMIC_RELAXED));
	return true;
}

static bool rwlock_take_write(void *at, struct thread *self)
{
	struct rwlock *lock = at;
	int32_t nobody = 0;

	if (!__atomic_compare_exchange_n(&lock->readers, &nobody, -1, false, __ATOMIC_ACQUIRE,
					 __ATOMIC_RELAXED))
		return false;
	lock->writer = self;
	return true;
}

void rwlock_read(struct rwlock *lock)
{
	struct thread *self = thread_self();

	mutex_rank_take(self, lock->rank);
	if (unlikely(!rwlock_take_read(lock, self)))
		lock_sleep(&lock->waiters, rwlock_take_read, lock);
}

void rwlock_read_done(struct rwlock *lock)
{
	rank_drop(thread_self(), lock->rank);
	ASSERT(lock->readers > 0);
	if (__atomic_sub_fetch(&lock->readers, 1, __ATOMIC_RELEASE) == 0)
		wait_wake_all(&lock->waiters);
}

void rwlock_write(struct rwlock *lock)
{
	struct thread *self = thread_self();

	mutex_rank_take(self, lock->rank);
	if (likely(rwlock_take_write(lock, self)))
		return;
	__atomic_fetch_add(&lock->writers_waiting, 1, __ATOMIC_SEQ_CST);
	lock_sleep(&lock->waiters, rwlock_take_write, lock);
	__atomic_fetch_sub(&lock->writers_waiting, 1, __ATOMIC_SEQ_CST);
}

void rwlock_write_done(struct rwlock *lock)
{
	ASSERT(rwlock_write_held(lock));
	rank_drop(thread_self(), lock->rank);
	lock->writer = NULL;
	__atomic_store_n(&lock->readers, 0, __ATOMIC_RELEASE);
	wait_wake_all(&lock->waiters);
}
