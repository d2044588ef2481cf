/* SPDX-License-Identifier: BSD-2-Clause */
/* execve from ring 3: the new program sees what its image says, and nothing else. */
#include "selftest/program.h"
#include "selftest/selftest.h"

SELFTEST(M9, 13, failures_in_fork_and_exec, .needs = M10)
{
	CHECK_PROGRAM_MUTED("exec_fails");
	return true;
}

SELFTEST(M10, 3, nothing_behind_the_data)
{
	CHECK_PROGRAM("exec_tail");
	return true;
}

SELFTEST(M10, 4, failed_exec_harms_nobody)
{
	CHECK_PROGRAM_MUTED("exec_fails");
	return true;
}

SELFTEST(M10, 5, exec_keeps_only_what_stays)
{
	CHECK_PROGRAM("exec_state");
	return true;
}

SELFTEST(M10, 7, what_runs_is_not_written)
{
	CHECK_PROGRAM("text_busy");
	return true;
}
