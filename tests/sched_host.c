/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What kernel/core and kernel/x86 are to kernel/sched, where its tests on the host need no more: of
 * tests/sim and tests/interleave-sched, which have their own clocks, timers and failures.
 */
#include <stdio.h>
#include <stdlib.h>

#include "kernel/lib/assert.h"

#include "kernel/core/epoch.h"
#include "kernel/core/panic.h"
#include "kernel/core/random.h"
#include "kernel/core/time.h"
#include "kernel/sched/sched_hooks.h"
#include "kernel/x86/root.h"
#include "kernel/x86/switch.h"

struct time_scale time_scale = {.mult = 1ull << 32, .tsc_hz = NS_PER_SEC};
struct root kernel_root;

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

uint64_t timer_count(void)
{
	return 0;
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

void context_init_kernel(struct context *context, void *stack_top, void (*fn)(void *), void *arg)
{
	(void)context, (void)stack_top, (void)fn, (void)arg;
}

size_t strlcpy(char *to, const char *from, size_t size)
{
	return (size_t)snprintf(to, size, "%s", from);
}
