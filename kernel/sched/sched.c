/* SPDX-License-Identifier: BSD-2-Clause */
#include "kernel/sched/sched.h"

#include "kernel/lib/string.h"

#include "kernel/core/epoch.h"
#include "kernel/core/panic.h"
#include "kernel/core/state_digest.h"
#include "kernel/core/time.h"
#include "kernel/sched/runq.h"
#include "kernel/sched/sched_hooks.h"
#include "kernel/x86/switch_hooks.h"

struct runq runq_boot;
static struct kthread idle_boot;
static uint64_t idle_ticks;

static void thread_work_add(struct thread *thread, uint32_t work)
{
	__atomic_fetch_or(&thread->context.work, work, __ATOMIC_SEQ_CST);
}

/* First thing after every switch, on the new stack, interrupts off. */
static inline void switch_finish(struct runq *runq)
{
	struct thread *previous = runq->previous;

	__atomic_store_n(&previous->on_cpu, 0, __ATOMIC_RELEASE);
	if (likely(previous->state != THREAD_DEAD))
		return;
	if (previous->is_kernel)
		kthread_ended(previous);
	else
		thread_reap(previous);
}

void thread_started(void)
{
	switch_finish(runq_self());
}

void thread_returned(void)
{
	thread_exit_switch();
}

/* Somebody waits: see to it that the quantum ends. Context: the lock. */
static inline void quantum_watch(struct runq *runq)
{
	if (unlikely(!runq->quantum.armed))
		timer_start(&runq->quantum, time_now_ns() + SCHED_QUANTUM_NS);
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
	uint8_t level = runq_sunken(thread, thread->level + 1u), floor = READ_ONCE(thread->floor);
	thread->level = level < floor ? floor : level;
	return true;
}

static void quantum_end(struct timer *timer)
{
	struct runq *runq = container_of(timer, struct runq, quantum);
	struct thread *running = thread_self();

	spin_lock(&runq->lock);
	if (runq->waiting) {
		uint64_t now_ns = time_now_ns();

		if (now_ns >= runq->boost_ns) {
			runq->boost_ns = now_ns + SCHED_BOOST_NS;
			runq_boost(runq);
		}
		if (running == runq->idle || thread_charge(runq, running, rdtsc()))
			thread_work_add(running, THREAD_RESCHED);
		uint64_t left = runq->quantum_ticks - running->slice_ticks;

		timer_start(&runq->quantum, now_ns + time_ticks_to_ns(left));
	}
	spin_unlock(&runq->lock);
}

/* Gives the CPU to the best waiting thread. Context: the lock, interrupts off; drops the lock. */
static inline void switch_away(struct runq *runq, struct thread *from)
{
	uint64_t now = rdtsc();
	struct thread *to;

	__atomic_fetch_and(&from->context.work, ~THREAD_RESCHED, __ATOMIC_RELAXED);
	thread_charge(runq, from, now);
	if (from->state == THREAD_RUNNABLE && from != runq->idle) {
		runq_push(runq, from);
		from->forced_count++;
	}
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
	runq->previous = from;
	runq->switches++;
	from->switch_count++;
	cpu_self()->current = to;
	spin_unlock(&runq->lock);
	context_switch(&from->context, &to->context);
	switch_finish(runq);
}

void schedule(void)
{
	struct runq *runq = runq_self();
	uint64_t flags;

	might_sleep();
	ASSERT(!epoch_reading());
	flags = spin_lock_irqsave(&runq->lock);
	switch_away(runq, thread_self());
	irq_restore(flags);
}

void thread_inherit(struct thread *child)
{
	const struct thread *self = thread_self();

	child->level = runq_sunken(self, self->level);
	child->slice_ticks = self->slice_ticks;
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
	ASSERT(thread_self()->held_mutexes == 0);
	WRITE_ONCE(thread_self()->state, THREAD_DEAD);
	schedule();
	__builtin_unreachable();
}

/* Who slept long enough is no hog, whatever it was before. */
static inline void thread_rise(const struct runq *runq, struct thread *thread)
{
	if (thread->level != thread->floor && rdtsc() - thread->switch_tsc > runq->rise_ticks) {
		thread->level = READ_ONCE(thread->floor);
		thread->slice_ticks = 0;
	}
}

static inline bool wake_locked(struct runq *runq, struct thread *thread)
{
	struct thread *running = thread_self();

	if (thread->state == THREAD_SLEEPING)
		thread_rise(runq, thread);
	else if (thread->state != THREAD_NEW)
		return false;
	thread->state = THREAD_RUNNABLE;
	if (unlikely(thread->on_cpu)) /* still on its way to sleep: it stays */
		return true;
	runq_push(runq, thread);
	quantum_watch(runq);
	if (thread->level < running->level || running == runq->idle)
		thread_work_add(running, THREAD_RESCHED);
	return true;
}

bool thread_wake_irqoff(struct thread *thread)
{
	struct runq *runq = runq_self();
	bool woke;

	spin_acquire(cpu_self(), &runq->lock);
	woke = wake_locked(runq, thread);
	spin_unlock(&runq->lock);
	return woke;
}

bool thread_wake(struct thread *thread)
{
	uint64_t flags = irq_save();
	bool woke = thread_wake_irqoff(thread);

	irq_restore(flags);
	return woke;
}

void thread_interrupt(struct thread *thread, uint32_t work)
{
	struct runq *runq = runq_self();
	uint64_t flags;

	/* Itself, awake: it looks at the word before it sleeps. */
	if (thread == thread_self() && READ_ONCE(thread->state) == THREAD_RUNNABLE) {
		thread_work_add(thread, work);
		return;
	}
	flags = spin_lock_irqsave(&runq->lock);

	thread_work_add(thread, work);
	if (thread->state == THREAD_SLEEPING && thread->wait_class & work)
		wake_locked(runq, thread);
	spin_unlock_irqrestore(&runq->lock, flags);
}

void thread_work_clear(uint32_t work)
{
	__atomic_fetch_and(&thread_self()->context.work, ~work, __ATOMIC_SEQ_CST);
}

static void idle_run(void *arg)
{
	struct runq *runq = arg;

	for (;;) {
		uint64_t start = rdtsc();

		/* Interrupts are off between the look and the wait, so no wake is slept through. */
		irq_disable();
		if (!READ_ONCE(runq->waiting))
			cpu_wait_irq();
		else
			irq_enable();
		idle_ticks += rdtsc() - start;
		schedule();
	}
}

static void panic_print_thread(void)
{
	const struct thread *self = thread_self();

	panic_print("  %s, stack %p to %p, mutexes %lx, %lu threads wait for the CPU\n", self->name,
		    self->stack_base, self->stack_top, self->held_mutexes, runq_boot.waiting);
}

static struct panic_section panic_thread = {.title = "thread", .print = panic_print_thread};

void sched_init(struct thread *boot, void *idle_stack_base, void *idle_stack_top)
{
	struct runq *runq = &runq_boot;

	sched_group_init(&sched_group_kernel);
	runq_init(runq, &idle_boot.thread);
	timer_init(&runq->quantum, quantum_end);
	runq->quantum_ticks = SCHED_QUANTUM_NS / 1000 * (time_scale.tsc_hz / 1000000);
	runq->rise_ticks = SCHED_RISE_NS / 1000 * (time_scale.tsc_hz / 1000000);
	runq->boost_ns = time_now_ns() + SCHED_BOOST_NS;
	boot->context.canary = cpu_self()->canary;
	boot->state = THREAD_RUNNABLE;
	boot->on_cpu = 1;
	boot->switch_tsc = rdtsc();
	cpu_self()->runq = runq;
	panic_register(&panic_thread);
	cpu_self()->current = boot;
	kthread_init(&idle_boot, idle_run, runq, "idle", idle_stack_base, idle_stack_top);
	idle_boot.thread.level = THREAD_LEVELS - 1;
	idle_boot.thread.state = THREAD_RUNNABLE;
}

uint64_t sched_waiting_count(void)
{
	return READ_ONCE(runq_self()->waiting);
}

uint64_t sched_runnable_count(void)
{
	const struct runq *runq = runq_self();

	return READ_ONCE(runq->waiting) + (thread_self() != runq->idle);
}

uint64_t sched_switch_count(void)
{
	return READ_ONCE(runq_self()->switches);
}

uint64_t sched_idle_ns(void)
{
	return time_ticks_to_ns(READ_ONCE(idle_ticks));
}

uint64_t sched_timer_count(void)
{
	uint64_t flags = irq_save();
	uint64_t count = timer_count() - runq_self()->quantum.armed;

	irq_restore(flags);
	return count;
}

STATE_COUNTER(sched_timer_count);
