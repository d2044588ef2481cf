/* SPDX-License-Identifier: BSD-2-Clause */
#include "kernel/sched/sched.h"

#include "kernel/core/epoch.h"
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

/* Charge the time since it got the CPU; true when the quantum is used up. */
static inline bool thread_charge(struct runq *runq, struct thread *thread, uint64_t now_tsc)
{
	uint64_t ticks = now_tsc - thread->switch_tsc;

	thread->cpu_ticks += ticks;
	thread->slice_ticks += ticks;
	thread->switch_tsc = now_tsc;
	if (likely(thread->slice_ticks < runq->quantum_ticks))
		return false;
	thread->slice_ticks = 0;
	uint8_t level = runq_sunken(runq, thread, thread->level + 1u),
		floor = READ_ONCE(thread->floor);
	thread->level = level < floor ? floor : level;
	return true;
}

void quantum_end(struct timer *timer)
{
	struct runq *runq = container_of(timer, struct runq, quantum);
	struct thread *running = runq->running;

	spin_lock(&runq->lock);
	if (runq->waiting) {
		uint64_t now_ns = time_now_ns();

		if (now_ns >= runq->boost_ns) {
			runq->boost_ns = now_ns + SCHED_BOOST_NS;
			runq_boost(runq);
		}
		bool over = running == runq->idle || thread_charge(runq, running, rdtsc());
		uint64_t used = over ? 0 : running->slice_ticks;
		uint64_t left = runq->quantum_ticks - used;

		if (over)
			thread_work_add(running, THREAD_RESCHED);

		timer_start(&runq->quantum, now_ns + time_ticks_to_ns(left));
		if (unlikely(runq_count > 1))
			idle_call(runq);
	}
	spin_unlock(&runq->lock);
}

/* It could go on, here or, if it must leave this CPU, there. Context: the lock. */
static inline struct thread *give_way(struct runq *runq, struct thread *from)
{
	from->forced_count++;
	if (likely(cpu_set_has(&from->affinity, runq->cpu) && cpu_set_has(&sched_cpus, runq->cpu)))
		return runq_exchange(runq, from);
	from->parting = PARTING_MOVE;
	return runq_pop(runq);
}

/* Gives the CPU to the best waiting thread. Context: the lock, interrupts off; drops the lock. */
static inline void switch_away(struct runq *runq, struct thread *from)
{
	uint64_t now = rdtsc();
	struct thread *to;

	__atomic_fetch_and(&from->context.work, ~THREAD_RESCHED, __ATOMIC_RELAXED);
	thread_charge(runq, from, now);
	if (from->state == THREAD_RUNNABLE && from != runq->idle)
		to = give_way(runq, from);
	else
		to = runq_pop(runq);
	if (to == from) {
		from->forced_count--;
		spin_unlock(&runq->lock);
		return;
	}
	if (runq->waiting)
		quantum_watch(runq);
	to->switch_tsc = now;
	to->on_cpu = 1;
	runq->running = to;
	runq->previous = from;
	runq->switches++;
	from->switch_count++;
	cpu_self()->current = to;
	spin_unlock(&runq->lock);
	context_switch(&from->context, &to->context);
	/* Maybe on another CPU. */
	switch_finish(runq_self());
}

void schedule(void)
{
	struct runq *runq;
	uint64_t flags;

	might_sleep();
	ASSERT(!epoch_reading());
	flags = irq_save();
	runq = runq_self();
	spin_acquire(cpu_self(), &runq->lock);
	switch_away(runq, thread_self());
	irq_restore(flags);
}

void thread_inherit(struct thread *child)
{
	const struct thread *self = thread_self();

	child->level = runq_sunken(runq_self(), self, self->level);
	child->slice_ticks = self->slice_ticks;
	child->cpu = self->cpu;
	child->affinity = self->affinity;
}

void preempt_point(void)
{
	if (unlikely(thread_work() & THREAD_RESCHED))
		schedule();
}

void thread_yield(void)
{
	might_sleep();
	/* Alone: a yield is nothing. A wake from an interrupt in between comes by THREAD_RESCHED.
	 */
	if (READ_ONCE(runq_self()->waiting))
		schedule();
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
	switch_away(runq, self);
	__builtin_unreachable();
}
