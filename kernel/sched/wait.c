/* SPDX-License-Identifier: BSD-2-Clause */
#include "kernel/sched/wait.h"

#include "kernel/core/epoch.h"
#include "kernel/sched/poll.h"

void wait_queue_init(struct wait_queue *queue)
{
	spin_init(&queue->lock, LOCK_WAIT);
	list_init(&queue->waiters);
}

void wait_prepare(struct waiter *waiter)
{
	struct wait_queue *queue = waiter->queue;
	uint64_t flags = spin_lock_irqsave(&queue->lock);

	if (!waiter->queued) {
		list_add_tail(&queue->waiters, &waiter->link);
		waiter->queued = true;
	}
	/* Before the caller looks at its condition: a full barrier, as the waker has one between
	 * making it true and looking at the queue. */
	__atomic_store_n(&waiter->thread->state, THREAD_SLEEPING, __ATOMIC_SEQ_CST);
	spin_unlock_irqrestore(&queue->lock, flags);
}

void wait_leave(struct waiter *waiter)
{
	uint64_t flags = spin_lock_irqsave(&waiter->queue->lock);

	if (waiter->queued)
		list_remove(&waiter->link);
	waiter->queued = false;
	spin_unlock_irqrestore(&waiter->queue->lock, flags);
}

void wait_chain_add(struct wait_chain *chain, struct list_node *chains)
{
	if (wait_queue_active(chain->queue) &&
	    !__atomic_exchange_n(&chain->pending, 1, __ATOMIC_SEQ_CST))
		list_add_tail(chains, &chain->link);
}

/* Wakes one waiter of a locked queue; true when it was asleep and takes the event for itself. */
static bool waiter_wake(struct waiter *waiter, struct list_node *chains)
{
	struct poll_wait *poll = waiter->poll;

	if (poll && poll->notify) {
		poll->notify(poll, chains);
		return false;
	}
	if (poll) {
		WRITE_ONCE(poll->triggered, 1);
		thread_wake_irqoff(waiter->thread);
		return false;
	}
	list_remove(&waiter->link);
	bool woke = thread_wake_irqoff(waiter->thread);
	/* Last: once it is false the thread may go on, without the queue's lock, and end. */
	__atomic_store_n(&waiter->queued, false, __ATOMIC_RELEASE);
	return woke;
}

/* With @queue locked; queues to be woken next are left in @chains. */
static unsigned wake_locked(struct wait_queue *queue, unsigned max, struct list_node *chains)
{
	unsigned woken = 0;

	list_for_each_safe(node, following, &queue->waiters)
	{
		if (woken == max)
			break;
		woken += waiter_wake(list_entry(node, struct waiter, link), chains);
	}
	return woken;
}

/* One after the other, each of which may add more: an epoll watched by another. */
static void wake_chains(struct list_node *chains)
{
	while (!list_empty(chains)) {
		struct wait_chain *chain = list_first(chains, struct wait_chain, link);

		list_remove(&chain->link);
		/* What is stirred from here on adds it again. */
		__atomic_store_n(&chain->pending, 0, __ATOMIC_SEQ_CST);
		spin_lock(&chain->queue->lock);
		wake_locked(chain->queue, 1, chains);
		spin_unlock(&chain->queue->lock);
	}
}

unsigned wait_wake_waiters(struct wait_queue *queue, unsigned max)
{
	struct list_node chains = LIST_INIT(chains);
	uint64_t flags = spin_lock_irqsave(&queue->lock);
	unsigned woken = wake_locked(queue, max, &chains);

	if (likely(list_empty(&chains))) {
		spin_unlock_irqrestore(&queue->lock, flags);
		return woken;
	}
	/* From before the unlock on: whoever takes a chain away retires it only then. */
	epoch_enter();
	spin_unlock(&queue->lock);
	wake_chains(&chains);
	irq_restore(flags);
	epoch_exit();
	return woken;
}

struct wait_timeout {
	struct timer timer;
	struct thread *thread;
};

static void wait_timeout_fire(struct timer *timer)
{
	thread_wake(container_of(timer, struct wait_timeout, timer)->thread);
}

static enum wait_result wait_sleep_until(uint64_t deadline_ns)
{
	struct wait_timeout timeout = {.thread = thread_self()};

	if (time_now_ns() >= deadline_ns)
		return WAIT_TIMEDOUT;
	timer_init(&timeout.timer, wait_timeout_fire);
	timer_start(&timeout.timer, deadline_ns);
	schedule();
	timer_cancel(&timeout.timer);
	return time_now_ns() >= deadline_ns ? WAIT_TIMEDOUT : WAIT_OK;
}

enum wait_result wait_sleep(uint64_t deadline_ns, enum wait_class class)
{
	struct thread *self = thread_self();
	enum wait_result result = WAIT_OK;

	/* First the class, then the look at the work word: thread_interrupt() does it the other way
	 * round, so an interrupt now is either seen here or ends the sleep. */
	__atomic_store_n(&self->wait_class, (uint32_t) class, __ATOMIC_SEQ_CST);
	if (thread_work() & (uint32_t) class)
		return WAIT_INTR;
	if (deadline_ns == TIME_NEVER)
		schedule();
	else
		result = wait_sleep_until(deadline_ns);
	WRITE_ONCE(self->wait_class, 0);
	if (result == WAIT_OK && thread_work() & (uint32_t) class)
		result = WAIT_INTR;
	return result;
}

enum wait_result wait_until(uint64_t deadline_ns, enum wait_class class)
{
	struct thread *self = thread_self();
	enum wait_result result;

	do {
		__atomic_store_n(&self->state, THREAD_SLEEPING, __ATOMIC_SEQ_CST);
		result = wait_sleep(deadline_ns, class);
		WRITE_ONCE(self->state, THREAD_RUNNABLE);
	} while (result == WAIT_OK);
	return result;
}
