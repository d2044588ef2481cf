/* SPDX-License-Identifier: BSD-2-Clause */
/* Real-time classes from ring 3. */
#include "selftest/program.h"
#include "selftest/selftest.h"

SELFTEST(M14, 19, unbroken_time_is_limited)
{
	CHECK_PROGRAM("unbroken_time");
	return true;
}

SELFTEST(M14, 20, budgets_are_kept)
{
	CHECK_PROGRAM("budgets");
	return true;
}

SELFTEST(M14, 23, realtime_is_asked_for)
{
	CHECK_PROGRAM("asking_realtime");
	return true;
}
