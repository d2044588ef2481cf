/* SPDX-License-Identifier: BSD-2-Clause */
#include "kernel/sched/poll.h"

void poll_wait_init(struct poll_wait *wait, struct waiter *entries, size_t capacity)
{
	*wait = (struct poll_wait){
		.thread = thread_self(),
		.entries = entries,
		.capacity = capacity,
	};
}

void poll_wait_enter(struct poll_wait *wait, struct wait_queue *queue)
{
	struct waiter *waiter;
	uint64_t flags;

	if (wait->used == wait->capacity) {
		wait->overflow = true;
		return;
	}
	waiter = &wait->entries[wait->used++];
	wait_init(waiter, queue);
	waiter->poll = wait;
	/* In front: a wake_one passes over polls on its way to the first that takes the event. */
	flags = spin_lock_irqsave(&queue->lock);
	list_add_head(&queue->waiters, &waiter->link);
	waiter->queued = true;
	spin_unlock_irqrestore(&queue->lock, flags);
}

enum wait_result poll_wait_sleep(struct poll_wait *wait, uint64_t deadline_ns,
				 enum wait_class class)
{
	enum wait_result result = WAIT_OK;

	__atomic_store_n(&wait->thread->state, THREAD_SLEEPING, __ATOMIC_SEQ_CST);
	if (!READ_ONCE(wait->triggered))
		result = wait_sleep(deadline_ns, class);
	WRITE_ONCE(wait->thread->state, THREAD_RUNNABLE);
	if (__atomic_exchange_n(&wait->triggered, 0, __ATOMIC_SEQ_CST))
		result = WAIT_OK;
	return result;
}

void poll_wait_finish(struct poll_wait *wait)
{
	for (size_t i = 0; i < wait->used; i++)
		wait_finish(&wait->entries[i]);
	wait->used = 0;
}

void poll_wait_leave(struct poll_wait *wait)
{
	for (size_t i = 0; i < wait->used; i++)
		wait_leave(&wait->entries[i]);
	wait->used = 0;
}
