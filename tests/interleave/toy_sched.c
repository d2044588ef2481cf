/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A scheduler that knows one thread for each CPU, for scenarios of what stands above the real one.
 * A thread that sleeps leaves its CPU idle.
 */
#include "kernel/core/spinlock.h"
#include "kernel/core/time.h"
#include "kernel/sched/realtime.h"
#include "tests/interleave/machine.h"

static struct thread threads[ENGINE_CPUS];

struct thread *machine_thread(unsigned cpu)
{
	threads[cpu] = (struct thread){.state = THREAD_RUNNABLE};
	return &threads[cpu];
}

struct thread *machine_thread_of(unsigned cpu)
{
	return &threads[cpu];
}

/* The scheduler's promise: between the look at the state and the sleep nothing is missed. */
void schedule(void)
{
	struct thread *self = thread_self();

	might_sleep();
	POINT(&self->state, POINT_WRITE);
	if (self->state == THREAD_SLEEPING)
		engine_park();
	self->state = THREAD_RUNNABLE;
}

bool thread_wake_irqoff(struct thread *thread)
{
	bool sleeps;

	POINT(&thread->state, POINT_WRITE);
	sleeps = thread->state == THREAD_SLEEPING;
	if (sleeps) {
		thread->state = THREAD_RUNNABLE;
		engine_unpark((unsigned)(thread - threads));
	}
	return sleeps;
}

bool thread_wake(struct thread *thread)
{
	uint64_t flags = irq_save();
	bool woke = thread_wake_irqoff(thread);

	irq_restore(flags);
	return woke;
}

/* Nobody has a real-time priority to lend. */
void thread_realtime_lend(struct thread *owner, uint32_t priority)
{
	(void)owner;
	(void)priority;
	engine_fail("no thread is real-time", __func__);
}

void thread_realtime_inherit(struct thread *owner, uint32_t priority)
{
	owner->inherited_realtime = (uint8_t)priority;
}

void thread_realtime_return(void)
{
	engine_fail("nothing was lent", __func__);
}

/* Time stands still: no wait ends by it. */
struct time_scale time_scale;

void timer_start(struct timer *timer, uint64_t at_ns)
{
	(void)timer;
	(void)at_ns;
}

bool timer_cancel(struct timer *timer)
{
	(void)timer;
	return false;
}

bool timer_stop(struct timer *timer)
{
	(void)timer;
	return false;
}
