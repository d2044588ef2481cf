/* SPDX-License-Identifier: BSD-2-Clause */
#include "selftest/rest.h"

#include "kernel/core/epoch.h"
#include "kernel/core/time.h"
#include "kernel/sched/sched.h"
#include "kernel/sched/thread.h"
#include "kernel/x86/cpu.h"
#include "mm/init.h"
#include "proc/process.h"

#define REST_NS_MOST  (2 * NS_PER_SEC)
#define LEAVE_NS_MOST (30 * NS_PER_SEC)

static void let_others_run(void)
{
	thread_yield();
	cpu_relax();
}

void selftest_rest(void)
{
	uint64_t end = time_now_ns() + REST_NS_MOST;

	while (sched_runnable_count() > 1 && time_now_ns() < end)
		let_others_run();
	tasks_settle();
	epoch_drain();
	mm_drain();
}

bool selftest_rest_until(uint32_t processes)
{
	uint64_t end = time_now_ns() + LEAVE_NS_MOST;

	while (process_count() > processes && time_now_ns() < end)
		let_others_run();
	return process_count() <= processes;
}
