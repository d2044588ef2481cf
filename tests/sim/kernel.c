/* SPDX-License-Identifier: BSD-2-Clause */
/* What kernel/core and kernel/x86 are to kernel/sched, where the simulator needs no more. */
#include <stdio.h>
#include <stdlib.h>

#include "kernel/core/epoch.h"
#include "kernel/core/panic.h"
#include "kernel/core/random.h"
#include "kernel/core/spinlock.h"
#include "kernel/sched/place.h"
#include "kernel/sched/sched_hooks.h"
#include "kernel/x86/root.h"
#include "kernel/x86/switch.h"
#include "tests/sim/events.h"
#include "tests/sim/sim.h"

struct time_scale time_scale = {.mult = 1ull << 32, .tsc_hz = NS_PER_SEC};

uint64_t time_counter_fell(void)
{
	fprintf(stderr, "the simulated clock went back to %lu ns\n", sim_now);
	abort();
}
struct root kernel_root;

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

void panic_register(struct panic_section *section)
{
	(void)section;
}

void panic_print(const char *format, ...)
{
	(void)format;
}

uint64_t random_u64(void)
{
	return 0x5eed00;
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

bool timer_stop(struct timer *timer)
{
	bool was_armed = timer->armed;

	timer->armed = 0;
	return was_armed;
}

bool timer_cancel(struct timer *timer)
{
	return timer_stop(timer);
}

void timer_leave_cpu(void)
{
}

void cpu_leave(void)
{
	assert_failed("no CPU leaves", __FILE__, __LINE__);
	abort();
}

void epoch_exit_work(struct cpu *cpu)
{
	(void)cpu;
	assert_failed("nothing is retired", __FILE__, __LINE__);
}

uint64_t timer_count(void)
{
	return 0;
}

void context_init_kernel(struct context *context, void *stack_top, void (*fn)(void *), void *arg)
{
	(void)context, (void)stack_top, (void)fn, (void)arg;
}

size_t strlcpy(char *to, const char *from, size_t size)
{
	return (size_t)snprintf(to, size, "%s", from);
}
