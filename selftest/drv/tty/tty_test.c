/* SPDX-License-Identifier: BSD-2-Clause */
/* Terminals: their two ends and their sessions as ring 3 sees them, and what pairs cost. */
#include "selftest/program.h"
#include "selftest/selftest.h"

SELFTEST(M11, 11, pseudo_terminals)
{
	CHECK_PROGRAM("terminals");
	return true;
}

SELFTEST(M11, 12, background_jobs)
{
	CHECK_PROGRAM("background");
	return true;
}

SELFTEST(M11, 12, controlling_terminals)
{
	CHECK_PROGRAM("sessions");
	return true;
}

SELFTEST(M9, 13, failures_in_terminals, .needs = M11)
{
	CHECK_PROGRAM("pty_fails");
	return true;
}
