/* SPDX-License-Identifier: BSD-2-Clause */
#include "kernel/sched/realtime.h"

#include "kernel/sched/place.h"

void realtime_add(struct realtime *realtime, struct thread *thread, bool before)
{
	uint32_t priority = thread->realtime;
	struct list_node *list = &realtime->lists[priority];

	if (!(realtime->filled[priority / 64] >> priority % 64 & 1)) {
		list_init(list);
		realtime->filled[priority / 64] |= BIT(priority % 64);
	}
	if (before)
		list_add_head(list, &thread->turn.link);
	else
		list_add_tail(list, &thread->turn.link);
	realtime->waiting++;
}

void realtime_remove(struct realtime *realtime, struct thread *thread)
{
	uint32_t priority = thread->realtime;

	list_remove(&thread->turn.link);
	realtime->waiting--;
	if (list_empty(&realtime->lists[priority]))
		realtime->filled[priority / 64] &= ~BIT(priority % 64);
}

struct thread *realtime_take(struct realtime *realtime)
{
	struct thread *thread =
		list_first(&realtime->lists[realtime_best(realtime)], struct thread, turn.link);

	realtime_remove(realtime, thread);
	return thread;
}

void realtime_charge(struct realtime *realtime, uint64_t used, uint64_t now, uint64_t quantum)
{
	if (now - realtime->period_start >= REALTIME_PERIOD_QUANTA * quantum) {
		realtime->period_start = now;
		realtime->used = 0;
	}
	realtime->used += used;
	realtime->is_throttled = realtime->used >= REALTIME_LIMIT_QUANTA * quantum;
}

/* How often it has given the CPU away to sleep. */
static uint64_t sleeps(const struct thread *thread)
{
	return thread->switch_count - thread->forced_count;
}

void realtime_count(struct thread *thread, uint64_t ticks)
{
	if (thread->unbroken_sleeps != sleeps(thread)) {
		thread->unbroken_sleeps = sleeps(thread);
		thread->unbroken_ticks = 0;
	}
	if (thread->own_realtime)
		thread->unbroken_ticks += ticks;
}

uint64_t thread_realtime_ns(struct thread *thread)
{
	uint64_t flags = irq_save(), ticks = 0;
	struct runq *runq = runq_lock_of(thread);

	if (thread == runq->running)
		running_charge(runq);
	if (thread->unbroken_sleeps == sleeps(thread))
		ticks = thread->unbroken_ticks;
	spin_unlock(&runq->lock);
	irq_restore(flags);
	return time_ticks_to_ns(ticks);
}

bool realtime_must_leave(struct runq *runq, struct thread *running, bool is_over)
{
	const struct realtime *realtime = &runq->realtime;
	bool others = runq->waiting > realtime->waiting;
	uint32_t best = realtime->is_throttled && others ? 0 : realtime_best(realtime);

	/* It is one of the others. */
	if (!running->realtime)
		return is_over || (!realtime->is_throttled && realtime_best(realtime));
	if (realtime->is_throttled && others)
		return true;
	if (is_over && running->takes_turns && best == running->realtime) {
		running->turn_is_over = true;
		return true;
	}
	return best > running->realtime;
}

/* Its own or the lent one, and where that puts it. Context: @runq locked, which is @thread's. */
static void apply(struct runq *runq, struct thread *thread)
{
	bool waits = thread->in_queue;

	if (waits)
		runq_remove(runq, thread);
	thread->realtime = (uint8_t)MAX(thread->own_realtime, thread->lent_realtime);
	if (thread == runq->running)
		WRITE_ONCE(runq->urgency, thread->realtime);
	if (waits) {
		runq_enqueue_moved(runq, thread);
	} else if (thread == runq->running && runq->waiting) {
		thread_work_add(thread, THREAD_RESCHED);
		if (runq != runq_self())
			runq_kick(runq);
	}
}

void thread_realtime_set(struct thread *thread, uint32_t priority, bool takes_turns)
{
	uint64_t flags = irq_save();
	struct runq *runq = runq_lock_of(thread);

	/* What it has used so far it has used with the old one. */
	if (thread == runq->running)
		running_charge(runq);
	thread->own_realtime = (uint8_t)priority;
	thread->takes_turns = takes_turns;
	apply(runq, thread);
	spin_unlock(&runq->lock);
	irq_restore(flags);
}

void thread_realtime_lend(struct thread *owner, uint32_t priority)
{
	uint64_t flags = irq_save();
	struct runq *runq = runq_lock_of(owner);
	bool more = owner->realtime < priority;

	if (more) {
		owner->lent_realtime = (uint8_t)priority;
		apply(runq, owner);
	}
	spin_unlock(&runq->lock);
	__atomic_thread_fence(__ATOMIC_SEQ_CST);
	if (more && READ_ONCE(owner->waits_for_mutex))
		thread_wake_irqoff(owner);
	irq_restore(flags);
}

void thread_realtime_return(void)
{
	struct thread *self = thread_self();
	uint64_t flags = irq_save();
	struct runq *runq = runq_lock_of(self);

	self->lent_realtime = 0;
	apply(runq, self);
	spin_unlock(&runq->lock);
	irq_restore(flags);
}
