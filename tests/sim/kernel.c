/* SPDX-License-Identifier: BSD-2-Clause */
/* What kernel/core and kernel/x86 are to kernel/sched, of the simulator alone; tests/sched_host.c
 * has the rest. */
#include <stdio.h>
#include <stdlib.h>

#include "kernel/core/spinlock.h"
#include "kernel/sched/place.h"
#include "tests/sim/events.h"
#include "tests/sim/sim.h"

uint64_t time_counter_fell(void)
{
	fprintf(stderr, "the simulated clock went back to %lu ns\n", sim_now);
	abort();
}

void assert_failed(const char *condition, const char *file, int line)
{
	fprintf(stderr, "%s:%d: ASSERT(%s) at %lu ns\n", file, line, condition, sim_now);
	abort();
}

void spin_lock_contended(struct spinlock *lock, const char *place)
{
	(void)lock, (void)place;
	assert_failed("one CPU runs at a time", __FILE__, __LINE__);
}

void spin_rank_violation(const struct spinlock *lock, uint64_t held)
{
	(void)lock, (void)held;
	assert_failed("lock ranks ascend", __FILE__, __LINE__);
}

void spin_context_violation(const struct spinlock *lock)
{
	(void)lock;
	assert_failed("interrupts are off", __FILE__, __LINE__);
}

void might_sleep(void)
{
	ASSERT(!cpu_self()->held_locks && !cpu_self()->irq_depth);
}

void timer_start(struct timer *timer, uint64_t deadline_ns)
{
	timer->deadline_ns = MAX(deadline_ns, sim_now);
	timer->armed = 1;
	/* A CPU looks for its quantum's end itself. */
	if (timer->fire != quantum_end)
		events_add((struct event){
			.at_ns = timer->deadline_ns, .cpu = cpu_self()->id, .timer = timer});
}
