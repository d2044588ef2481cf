/* SPDX-License-Identifier: BSD-2-Clause */
/* Waking threads, on this CPU and on others. */
#include "kernel/sched/place.h"

/*
 * Wakes @thread and drops the lock of its run queue. A thread that has left the CPU, but not yet
 * its stack there, is queued on that CPU: no other runs it before on_cpu is 0.
 */
static inline bool wake_unlock(struct runq *runq, struct thread *thread)
{
	bool sleeps = thread->state == THREAD_SLEEPING;

	if (unlikely(!sleeps && thread->state != THREAD_NEW)) {
		spin_unlock(&runq->lock);
		return false;
	}
	thread->state = THREAD_RUNNABLE;
	if (likely(thread != runq->running)) { /* else it is on its way to sleep, and stays */
		if (unlikely(runq_count > 1))
			runq = runq_choose(runq, thread);
		runq_catch_up(runq);
		runq_enqueue(runq, thread, runq_welcome(runq, thread, !sleeps));
	}
	spin_unlock(&runq->lock);
	return true;
}

bool thread_wake_irqoff(struct thread *thread)
{
	return wake_unlock(runq_lock_of(thread), thread);
}

bool thread_wake(struct thread *thread)
{
	uint64_t flags = irq_save();
	bool woke = thread_wake_irqoff(thread);

	irq_restore(flags);
	return woke;
}

/* It may be in ring 3 on another CPU and would not look for long. Context: the lock. */
static void tell_running(const struct runq *runq, const struct thread *thread)
{
	if (thread == runq->running && runq != runq_self())
		runq_kick(runq);
}

void thread_interrupt(struct thread *thread, uint32_t work)
{
	struct runq *runq;
	uint64_t flags;

	/* Itself, awake: it looks at the word before it sleeps. */
	if (thread == thread_self() && READ_ONCE(thread->state) == THREAD_RUNNABLE) {
		thread_work_add(thread, work);
		return;
	}
	flags = irq_save();
	runq = runq_lock_of(thread);
	thread_work_add(thread, work);
	tell_running(runq, thread);
	if (thread->state == THREAD_SLEEPING && READ_ONCE(thread->wait_class) & work)
		wake_unlock(runq, thread);
	else
		spin_unlock(&runq->lock);
	irq_restore(flags);
}

void thread_work_clear(uint32_t work)
{
	__atomic_fetch_and(&thread_self()->context.work, ~work, __ATOMIC_SEQ_CST);
}
