/* SPDX-License-Identifier: BSD-2-Clause */
#pragma once
/*
 * Waiting for an event. A wait queue lists who waits; whoever makes the condition true wakes the
 * queue afterwards. The sleeper marks itself as sleeping *before* it looks at the condition, so a
 * wake between look and sleep is never lost (P-M14-04).
 *
 *	r = wait_event(&pipe->readers, pipe_has_data(pipe), TIME_NEVER, WAIT_INTERRUPTIBLE);
 */
#include "kernel/lib/list.h"

#include "kernel/core/spinlock.h"
#include "kernel/core/time.h"
#include "kernel/sched/thread.h"

enum wait_result { WAIT_OK, WAIT_TIMEDOUT, WAIT_INTR };

struct wait_queue {
	struct spinlock lock; /* LOCK_WAIT */
	struct list_node waiters;
};

/* clang-format off */
#define WAIT_QUEUE_INIT(name) \
	{.lock = SPINLOCK_INIT(LOCK_WAIT), .waiters = LIST_INIT((name).waiters)}
/* clang-format on */

/*
 * A queue that is woken because something stirred on another one: an epoll's. It is woken behind
 * that one, when no queue's lock is held any more. Its memory is given back by epoch_retire().
 */
struct wait_chain {
	struct list_node link;
	struct wait_queue *queue;
	uint32_t pending; /* in some waker's list */
};

/* One wait on one queue; stands on the waiter's stack or in a poll table. */
struct waiter {
	struct list_node link;
	struct wait_queue *queue;
	struct thread *thread;
	struct poll_wait *poll; /* NULL for an exclusive waiter */
	bool queued;
};

void wait_queue_init(struct wait_queue *queue);

/** Whether anybody waits: a hint. Context: any; after the condition was made true. */
static inline bool wait_queue_active(const struct wait_queue *queue)
{
	__atomic_thread_fence(__ATOMIC_SEQ_CST);
	return !list_empty(&queue->waiters);
}

/* Wakes up to @max threads that wait; wait_wake_one and _all look first whether any do. */
unsigned wait_wake_waiters(struct wait_queue *queue, unsigned max);

/**
 * Wake the longest waiting thread (and every poll). It may have got already what it waits for, and
 * be about to leave: where more than one can be served, who has got his looks whether there is more
 * and wakes the next. Return: true when a thread was woken. Context: any.
 */
static inline bool wait_wake_one(struct wait_queue *queue)
{
	return wait_queue_active(queue) && wait_wake_waiters(queue, 1);
}

/** Wake everybody; the number of threads woken. Context: any. */
static inline unsigned wait_wake_all(struct wait_queue *queue)
{
	return wait_queue_active(queue) ? wait_wake_waiters(queue, ~0u) : 0;
}

/** From a poll_wait's notify: wake @chain's queue next; @chains is what notify was given. */
void wait_chain_add(struct wait_chain *chain, struct list_node *chains);

/* The pieces of wait_event; other code does not call them. */
static inline void wait_init(struct waiter *waiter, struct wait_queue *queue)
{
	waiter->queue = queue;
	waiter->thread = thread_self();
	waiter->poll = NULL;
	waiter->queued = false;
}
void wait_prepare(struct waiter *waiter);
enum wait_result wait_sleep(uint64_t deadline_ns, enum wait_class class);
void wait_leave(struct waiter *waiter);

static inline void wait_finish(struct waiter *waiter)
{
	WRITE_ONCE(waiter->thread->state, THREAD_RUNNABLE);
	if (__atomic_load_n(&waiter->queued, __ATOMIC_ACQUIRE))
		wait_leave(waiter);
}

/**
 * Sleep until @condition holds.
 *
 * @deadline_ns: absolute, as time_now_ns(); TIME_NEVER for none.
 * @class: WAIT_KILLABLE or WAIT_INTERRUPTIBLE.
 * @condition is evaluated repeatedly, partly while marked as sleeping: it must not sleep.
 *
 * Return: WAIT_OK when the condition held at the last look (even if time was up or a signal came as
 * well), else WAIT_TIMEDOUT or WAIT_INTR.
 * Context: thread, no spinlock held.
 */
#define wait_event(queue_at, condition, deadline_ns, class)                        \
	({                                                                         \
		enum wait_result wait_result_ = WAIT_OK;                           \
		if (!(condition)) {                                                \
			struct waiter waiter_;                                     \
			wait_init(&waiter_, (queue_at));                           \
			for (;;) {                                                 \
				wait_prepare(&waiter_);                            \
				if (condition) {                                   \
					wait_result_ = WAIT_OK;                    \
					break;                                     \
				}                                                  \
				if (wait_result_ != WAIT_OK)                       \
					break;                                     \
				wait_result_ = wait_sleep((deadline_ns), (class)); \
			}                                                          \
			wait_finish(&waiter_);                                     \
		}                                                                  \
		wait_result_;                                                      \
	})

/**
 * The same with @condition guarded by a lock that is held at entry and at return: @drop gives it
 * back before each sleep, @take takes it again. @condition is looked at with it held.
 */
#define wait_event_dropping(queue_at, drop, take, condition, deadline_ns, class)   \
	({                                                                         \
		enum wait_result wait_result_ = WAIT_OK;                           \
		if (!(condition)) {                                                \
			struct waiter waiter_;                                     \
			wait_init(&waiter_, (queue_at));                           \
			for (;;) {                                                 \
				wait_prepare(&waiter_);                            \
				if (condition) {                                   \
					wait_result_ = WAIT_OK;                    \
					break;                                     \
				}                                                  \
				if (wait_result_ != WAIT_OK)                       \
					break;                                     \
				drop;                                              \
				wait_result_ = wait_sleep((deadline_ns), (class)); \
				wait_finish(&waiter_);                             \
				take;                                              \
			}                                                          \
			wait_finish(&waiter_);                                     \
		}                                                                  \
		wait_result_;                                                      \
	})

/** By a local-global lock, held globally. */
#define wait_event_lock(queue_at, lglock_at, condition, deadline_ns, class)                        \
	wait_event_dropping(queue_at, lglock_unlock(lglock_at), lglock_lock(lglock_at), condition, \
			    deadline_ns, class)

/** By a mutex of kernel/sched/mutex.h. */
#define wait_event_mutex(queue_at, mutex_at, condition, deadline_ns, class)                    \
	wait_event_dropping(queue_at, mutex_unlock(mutex_at), mutex_lock(mutex_at), condition, \
			    deadline_ns, class)

/** Sleep until @deadline_ns: WAIT_TIMEDOUT, or WAIT_INTR before. Context: thread, may sleep. */
enum wait_result wait_until(uint64_t deadline_ns, enum wait_class class);
