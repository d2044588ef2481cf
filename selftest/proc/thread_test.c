/* SPDX-License-Identifier: BSD-2-Clause */
/* Threads from ring 3: raw clone, no libc between. */
#include "kernel/sched/sched.h"
#include "kernel/x86/cpus.h"
#include "selftest/program.h"
#include "selftest/selftest.h"

SELFTEST(M8, 2, threads_leave_nothing, .needs = M11)
{
	CHECK_PROGRAM("thread_ends");
	return true;
}

SELFTEST(M9, 13, failures_in_new_threads, .needs = M11)
{
	CHECK_PROGRAM("thread_fails");
	return true;
}

SELFTEST(M4, 10, changes_during_copies, .needs = M12)
{
	CHECK_PROGRAM("thread_races");
	return true;
}

SELFTEST(M12, 6, calls_outlive_descriptors)
{
	CHECK_PROGRAM("thread_races");
	return true;
}

SELFTEST(M4, 15, robust_lists_of_bad_pointers, .needs = M12)
{
	CHECK_PROGRAM("robust_ptrs");
	return true;
}

SELFTEST(M11, 9, signals_among_threads)
{
	CHECK_PROGRAM("thread_signals");
	return true;
}

/* Programs of the suite stay on the first CPU, unless a test is about several. */
static struct program_result run_spread(const char *name)
{
	struct program_result result;

	sched_spread(true);
	result = program_run(name);
	sched_spread(false);
	return result;
}

SELFTEST(M4, 10, changes_on_another_cpu, .needs = M14, .skip = "no-smp")
{
	if (cpu_count() == 1)
		SELFTEST_SKIP();
	CHECK_PROGRAM_BY(run_spread, "two_cpus");
	return true;
}

SELFTEST(M14, 1, exec_leaves_no_translation, .skip = "no-smp")
{
	if (cpu_count() == 1)
		SELFTEST_SKIP();
	CHECK_PROGRAM_BY(run_spread, "exec_elsewhere");
	return true;
}

SELFTEST(M6, 2, state_follows_to_another_cpu, .needs = M14, .skip = "no-smp")
{
	if (cpu_count() == 1)
		SELFTEST_SKIP();
	CHECK_PROGRAM_BY(run_spread, "cpu_moves");
	return true;
}
