/* SPDX-License-Identifier: BSD-2-Clause */
#include "kernel/sched/realtime.h"

#include "kernel/sched/deadline.h"
#include "kernel/sched/place.h"

static void list_in(struct realtime *realtime, struct thread *thread, bool before)
{
	uint32_t priority = thread->realtime;
	struct list_node *list = &realtime->lists[priority];

	if (!(realtime->filled[priority / 64] >> priority % 64 & 1))
		list_init(list);
	if (before)
		list_add_head(list, &thread->turn.link);
	else
		list_add_tail(list, &thread->turn.link);
}

void realtime_add(struct realtime *realtime, struct thread *thread, bool before)
{
	uint32_t priority = thread->realtime;

	if (priority == REALTIME_DEADLINE)
		deadline_add(realtime, thread);
	else
		list_in(realtime, thread, before);
	realtime->filled[priority / 64] |= BIT(priority % 64);
	realtime->waiting++;
}

/* Takes it out of its list or tree; true when nobody is left there. */
static bool list_out(struct realtime *realtime, struct thread *thread)
{
	if (thread->realtime == REALTIME_DEADLINE) {
		deadline_remove(realtime, thread);
		return !realtime->deadlines.root;
	}
	list_remove(&thread->turn.link);
	return list_empty(&realtime->lists[thread->realtime]);
}

void realtime_remove(struct realtime *realtime, struct thread *thread)
{
	if (list_out(realtime, thread))
		realtime->filled[thread->realtime / 64] &= ~BIT(thread->realtime % 64);
	realtime->waiting--;
}

struct thread *realtime_take(struct realtime *realtime)
{
	uint32_t best = realtime_best(realtime);
	struct thread *thread;

	if (best == REALTIME_DEADLINE) {
		thread = deadline_first(realtime);
		deadline_run(thread);
	} else {
		thread = list_first(&realtime->lists[best], struct thread, turn.link);
	}
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
	uint32_t best = realtime_best(realtime);

	if (running->realtime == REALTIME_DEADLINE)
		return best == REALTIME_DEADLINE &&
		       deadline_precedes(deadline_first(realtime), running);
	if (best == REALTIME_DEADLINE)
		return true;
	/* It is one of the others. */
	if (!running->realtime)
		return is_over || (!realtime->is_throttled && best);
	if (realtime->is_throttled && others)
		return true;
	if (is_over && running->takes_turns && best == running->realtime) {
		running->turn_is_over = true;
		return true;
	}
	return best > running->realtime;
}

bool realtime_goes_first(const struct runq *runq, struct thread *thread)
{
	const struct thread *running = runq->running;

	if (thread->realtime != REALTIME_DEADLINE)
		return thread->realtime > running->realtime && !runq->realtime.is_throttled;
	deadline_wake(thread, time_now_ns(), thread->unbroken_sleeps != sleeps(thread));
	return running->realtime != REALTIME_DEADLINE || deadline_precedes(thread, running);
}

/* Its own, or the best that it has of others. */
static uint8_t priority_of(const struct thread *thread)
{
	int lent = MAX(thread->lent_realtime, thread->inherited_realtime);

	return (uint8_t)MAX(thread->own_realtime, lent);
}

/* Whose priority was lowered goes before its new equals, as on Linux. */
static void stand_first(struct realtime *realtime, struct thread *thread)
{
	realtime_remove(realtime, thread);
	realtime_add(realtime, thread, true);
}

void realtime_apply(struct runq *runq, struct thread *thread)
{
	bool waits = thread->in_queue;
	uint8_t priority = priority_of(thread);
	bool is_less = priority < thread->realtime;

	if (priority == thread->realtime)
		return;
	if (waits)
		runq_remove(runq, thread);
	thread->realtime = priority;
	if (thread == runq->running)
		WRITE_ONCE(runq->urgency, thread->realtime);
	if (waits) {
		runq_enqueue_moved(runq, thread);
		if (is_less && priority)
			stand_first(&runq->realtime, thread);
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
	bool was_parked = false;

	/* What it has used so far it has used with the old one. */
	if (thread == runq->running)
		running_charge(runq);
	if (thread->own_realtime == REALTIME_DEADLINE)
		was_parked = deadline_leave(thread);
	thread->own_realtime = (uint8_t)priority;
	thread->takes_turns = takes_turns;
	realtime_apply(runq, thread);
	spin_unlock(&runq->lock);
	if (was_parked)
		thread_wake_irqoff(thread);
	irq_restore(flags);
}

/* One that waits for a mutex lends on what it has now. Context: interrupts off, no lock. */
static void wake_lender(struct thread *thread)
{
	__atomic_thread_fence(__ATOMIC_SEQ_CST);
	if (READ_ONCE(thread->waits_for_mutex))
		thread_wake_irqoff(thread);
}

void thread_realtime_lend(struct thread *owner, uint32_t priority)
{
	uint64_t flags = irq_save();
	struct runq *runq = runq_lock_of(owner);
	bool more;

	/* Of SCHED_DEADLINE nothing is lent but the place before all others. */
	priority = MIN(priority, REALTIME_BEST);
	more = owner->realtime < priority;
	if (more) {
		owner->lent_realtime = (uint8_t)priority;
		realtime_apply(runq, owner);
	}
	spin_unlock(&runq->lock);
	if (more)
		wake_lender(owner);
	irq_restore(flags);
}

void thread_realtime_inherit(struct thread *owner, uint32_t priority)
{
	uint64_t flags = irq_save();
	struct runq *runq = runq_lock_of(owner);
	bool more = owner->realtime < priority;

	owner->inherited_realtime = (uint8_t)priority;
	realtime_apply(runq, owner);
	spin_unlock(&runq->lock);
	if (more)
		wake_lender(owner);
	irq_restore(flags);
}

void thread_realtime_return(void)
{
	struct thread *self = thread_self();
	uint64_t flags = irq_save();
	struct runq *runq = runq_lock_of(self);

	self->lent_realtime = 0;
	realtime_apply(runq, self);
	spin_unlock(&runq->lock);
	irq_restore(flags);
}
