/* SPDX-License-Identifier: BSD-2-Clause */
#include "kernel/sched/mutex.h"

#include "kernel/lib/bits.h"

#include "kernel/core/panic.h"
#include "kernel/sched/realtime.h"

void mutex_violation(uint64_t bit)
{
	uint64_t held = thread_self()->held_mutexes;

	might_sleep();
	panic_assert("mutex ranks ascend", lock_name(lock_rank(bit)),
		     lock_name(held ? log2_floor(held) : 0));
}

void mutex_init(struct mutex *mutex, enum lock_class class)
{
	mutex->owner = NULL;
	mutex->bit = lock_bit(class);
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

/*
 * Who waits lends his real-time priority to the owner. If that one waits for a mutex himself, he is
 * woken, lends it on and sleeps again: so a loan goes along a chain without two locks at once.
 */
static void lend(struct mutex *mutex, const struct waiter *waiter)
{
	uint64_t flags = spin_lock_irqsave(&mutex->waiters.lock);
	struct thread *owner = READ_ONCE(mutex->owner);

	/* It cannot end meanwhile: its release needs this lock while somebody stands in the queue.
	 */
	if (owner && waiter->queued)
		thread_realtime_lend(owner, waiter->thread->realtime);
	spin_unlock_irqrestore(&mutex->waiters.lock, flags);
}

void mutex_lock_contended(struct mutex *mutex, const char *place)
{
	struct thread *self = thread_self();
	struct waiter waiter;

	if (CONFIG_DEBUG)
		wait_graph_wait(mutex, lock_rank(mutex->bit), place);
	wait_init(&waiter, &mutex->waiters);
	for (;;) {
		wait_prepare(&waiter);
		if (mutex_take(mutex, self))
			break;
		/* Before the look at what was lent, as the lender does it the other way round. */
		__atomic_store_n(&self->waits_for_mutex, true, __ATOMIC_SEQ_CST);
		if (unlikely(READ_ONCE(self->realtime)))
			lend(mutex, &waiter);
		schedule();
		WRITE_ONCE(self->waits_for_mutex, false);
	}
	WRITE_ONCE(self->waits_for_mutex, false);
	wait_finish(&waiter);
}

void mutex_unlock_contended(struct mutex *mutex)
{
	const struct thread *self = thread_self();

	wait_wake_waiters(&mutex->waiters, 1);
	if (self->lent_realtime && !self->held_mutexes)
		thread_realtime_return();
}

void rwlock_init(struct rwlock *lock, enum lock_class class)
{
	lock->readers = 0;
	lock->writers_waiting = 0;
	lock->writer = NULL;
	lock->bit = lock_bit(class);
	wait_queue_init(&lock->waiters);
}

static bool rwlock_take_read_any(void *lock, struct thread *self)
{
	(void)self;
	return rwlock_take_read(lock);
}

static bool rwlock_take_write_any(void *lock, struct thread *self)
{
	return rwlock_take_write(lock, self);
}

void rwlock_read_contended(struct rwlock *lock, const char *place)
{
	if (CONFIG_DEBUG)
		wait_graph_wait(lock, lock_rank(lock->bit), place);
	lock_sleep(&lock->waiters, rwlock_take_read_any, lock);
}

void rwlock_write_contended(struct rwlock *lock, const char *place)
{
	if (CONFIG_DEBUG)
		wait_graph_wait(lock, lock_rank(lock->bit), place);
	__atomic_fetch_add(&lock->writers_waiting, 1, __ATOMIC_SEQ_CST);
	lock_sleep(&lock->waiters, rwlock_take_write_any, lock);
	/* Readers that this kept out are woken by rwlock_write_done(). */
	__atomic_fetch_sub(&lock->writers_waiting, 1, __ATOMIC_SEQ_CST);
}
