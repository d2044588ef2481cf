/* SPDX-License-Identifier: BSD-2-Clause */
/* What processes leave behind: nothing. */
#include "proc/process.h"
#include "selftest/program.h"
#include "selftest/selftest.h"

SELFTEST(M8, 2, fork_exec_exit_leaves_nothing, .needs = M10)
{
	CHECK_PROGRAM("fork_exec");
	return true;
}

SELFTEST(M8, 3, statuses_and_orphans)
{
	CHECK_PROGRAM("children");
	return true;
}

/* Whoever is left of a program ends before the next test begins to count. */
SELFTEST(M8, 3, orphans_end_with_the_program)
{
	uint32_t before = process_count();

	CHECK_PROGRAM("orphan");
	CHECK(process_count() == before);
	return true;
}

SELFTEST(M13, 11, hogs_stay_in_their_budgets)
{
	CHECK_PROGRAM("hogs");
	return true;
}

SELFTEST(M14, 22, sessions_end_apart, .needs = M14)
{
	CHECK_PROGRAM("families");
	return true;
}

SELFTEST(M8, 5, kill_in_every_state, .needs = M11)
{
	CHECK_PROGRAM("kill_states");
	return true;
}

SELFTEST(M8, 6, nothing_survives_the_dying, .needs = M11)
{
	CHECK_PROGRAM("dying");
	return true;
}
