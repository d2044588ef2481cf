/* SPDX-License-Identifier: BSD-2-Clause */
#include "kernel/sched/sched.h"

#include "kernel/core/epoch.h"
#include "kernel/sched/deadline.h"
#include "kernel/sched/place.h"
#include "kernel/sched/runq.h"
#include "kernel/sched/sched_hooks.h"
#include "kernel/x86/switch_hooks.h"

static_assert(PARTING_NOT == 0, "one look at the way out");

/* Off its stack for good, or for another CPU. */
static __noinline void thread_part(struct thread *thread)
{
	if (thread->parting == PARTING_MOVE)
		thread_move(thread);
	else if (thread->is_kernel)
		kthread_ended(thread);
	else
		thread_reap(thread);
}

/* First thing after every switch, on the new stack, interrupts off. */
static inline void switch_finish(struct runq *runq)
{
	struct thread *previous = runq->previous;
	uint8_t parting = previous->parting;

	/* From here on another CPU may run it. */
	__atomic_store_n(&previous->on_cpu, 0, __ATOMIC_RELEASE);
	if (unlikely(parting))
		thread_part(previous);
}

void thread_started(void)
{
	switch_finish(runq_self());
}

void thread_returned(void)
{
	thread_exit_switch();
}

/* A loan that no release has seen the end of ends here. */
static __noinline void thread_charge_realtime(struct runq *runq, struct thread *thread,
					      uint64_t ticks, uint64_t now_tsc)
{
	if (thread->lent_realtime && !READ_ONCE(thread->held_mutexes)) {
		thread->lent_realtime = 0;
		thread->realtime = (uint8_t)MAX(thread->own_realtime, thread->inherited_realtime);
		WRITE_ONCE(runq->urgency, thread->realtime);
	}
	realtime_count(thread, ticks);
	if (thread->realtime == REALTIME_DEADLINE)
		deadline_charge(thread, time_ticks_to_ns(ticks));
	realtime_charge(&runq->realtime, ticks, now_tsc, runq->quantum_ticks);
}

/* Charge the time since it got the CPU, or since another CPU charged it: by a counter that may be a
 * little ahead, or behind this one's look at its own. */
static inline void thread_charge(struct runq *runq, struct thread *thread, uint64_t now_tsc)
{
	uint64_t ticks = now_tsc - thread->switch_tsc;

	if (unlikely((int64_t)ticks < 0))
		return;
	if (unlikely(thread->realtime))
		thread_charge_realtime(runq, thread, ticks, now_tsc);

	thread->cpu_ticks += ticks;
	thread->slice_ticks += ticks;
	thread->switch_tsc = now_tsc;
}

/* Whether the quantum is used up; then the next one begins. */
static bool slice_over(const struct runq *runq, struct thread *thread)
{
	if (thread->slice_ticks * READ_ONCE(thread->slice_pace) < runq_quantum(runq))
		return false;
	thread->slice_ticks = 0;
	return true;
}

void running_charge(struct runq *runq)
{
	struct thread *running = runq->running;

	if (running == runq->idle)
		return;
	thread_charge(runq, running, time_counter());
	runq_settle_running(runq);
}

/* At a quantum's end. */
static bool must_leave(struct runq *runq, struct thread *running)
{
	bool is_over;

	if (running == runq->idle)
		return true;
	is_over = slice_over(runq, running);
	if (likely(!running->realtime && !runq->realtime.waiting))
		return is_over;
	realtime_charge(&runq->realtime, 0, time_counter(), runq->quantum_ticks);
	return realtime_must_leave(runq, running, is_over);
}

/* See to it that @thread's slice ends, or all that is left of it. Context: the lock. */
static void slice_watch(struct runq *runq, const struct thread *thread)
{
	uint64_t quantum = runq_quantum(runq) / READ_ONCE(thread->slice_pace);
	uint64_t used = thread == runq->idle ? 0 : thread->slice_ticks;
	uint64_t left = used < quantum ? quantum - used : 1;

	timer_start(&runq->quantum, time_now_ns() + time_ticks_to_ns(left));
}

void quantum_end(struct timer *timer)
{
	struct runq *runq = container_of(timer, struct runq, quantum);
	struct thread *running = runq->running;

	spin_lock(&runq->lock);
	running_charge(runq);
	if (unlikely(runq_count > 1))
		runq_tell_group(runq);
	if (runq->waiting) {
		if (must_leave(runq, running))
			thread_work_add(running, THREAD_RESCHED);
		slice_watch(runq, running);
		if (unlikely(runq_count > 1))
			idle_call(runq);
	}
	spin_unlock(&runq->lock);
	if (unlikely(runq_count > 1) && runq->waiting && running != runq->idle)
		balance(runq);
}

/* It could go on, here or, if it must leave this CPU, there. Context: the lock. */
static inline struct thread *give_way(struct runq *runq, struct thread *from, bool yields)
{
	from->forced_count++;
	if (likely(cpu_set_has(&from->affinity, runq->cpu) && cpu_set_has(&sched_cpus, runq->cpu)))
		return yields ? runq_yield(runq, from) : runq_exchange(runq, from);
	from->parting = PARTING_MOVE;
	return runq_pop(runq);
}

/* Gives the CPU to the next thread. Context: the lock, interrupts off; drops the lock. */
static inline void switch_away(struct runq *runq, struct thread *from, bool yields)
{
	uint64_t now = time_counter();
	struct thread *to;

	__atomic_fetch_and(&from->context.work, ~THREAD_RESCHED, __ATOMIC_RELAXED);
	thread_charge(runq, from, now);
	if (from->state == THREAD_RUNNABLE && from != runq->idle)
		to = give_way(runq, from, yields);
	else
		to = runq_pop(runq);
	if (to == from) {
		from->forced_count--;
		spin_unlock(&runq->lock);
		return;
	}
	if (runq->waiting) {
		quantum_watch(runq);
		/* The timer is set for longer slices than its. */
		if (unlikely(to->slice_pace > 1))
			slice_watch(runq, to);
	}
	to->switch_tsc = now;
	to->base_tsc = now - to->cpu_ticks;
	to->on_cpu = 1;
	runq->running = to;
	WRITE_ONCE(runq->urgency, to->realtime);
	runq->previous = from;
	runq->switches++;
	from->switch_count++;
	cpu_self()->current = to;
	spin_unlock(&runq->lock);
	context_switch(&from->context, &to->context);
	/* Maybe on another CPU. */
	switch_finish(runq_self());
}

static inline void schedule_one(bool yields)
{
	struct runq *runq;
	uint64_t flags;

	might_sleep();
	ASSERT(!epoch_reading());
	flags = irq_save();
	runq = runq_self();
	spin_acquire(cpu_self(), &runq->lock);
	switch_away(runq, thread_self(), yields);
	irq_restore(flags);
}

void schedule(void)
{
	schedule_one(false);
}

static __noinline void yield_away(void)
{
	schedule_one(true);
}

void thread_inherit(struct thread *child)
{
	const struct thread *self = thread_self();

	child->turn.vtime = self->turn.vtime;
	child->slice_ticks = self->slice_ticks;
	child->cpu = self->cpu;
	child->affinity = self->affinity;
}

void thread_group_set(struct thread *thread, struct sched_group *group)
{
	struct runq *runq;
	uint64_t flags;

	if (thread->state == THREAD_NEW) {
		thread->group = group;
		return;
	}
	flags = irq_save();
	runq = runq_lock_of(thread);
	ASSERT(!thread->in_queue);
	runq_change_group(runq, thread, group);
	spin_unlock(&runq->lock);
	irq_restore(flags);
}

void preempt_point(void)
{
	if (unlikely(thread_work() & THREAD_RESCHED))
		schedule();
}

void thread_yield(void)
{
	/* Alone: a yield is nothing. A wake from an interrupt in between comes by THREAD_RESCHED.
	 */
	if (READ_ONCE(runq_self()->waiting))
		yield_away();
	else if (unlikely(READ_ONCE(thread_self()->own_realtime) == REALTIME_DEADLINE))
		yield_away();
	else
		might_sleep();
}

void thread_exit_switch(void)
{
	struct thread *self = thread_self();
	struct runq *runq;

	ASSERT(self->held_mutexes == 0 && !epoch_reading());
	might_sleep();
	irq_disable();
	runq = runq_self();
	spin_acquire(cpu_self(), &runq->lock);
	/* Under the lock: a wake that comes too late must not bring it back. */
	self->state = THREAD_DEAD;
	self->parting = PARTING_DEAD;
	switch_away(runq, self, false);
	__builtin_unreachable();
}
