/* SPDX-License-Identifier: BSD-2-Clause */
/* Signals as ring 3 sees them; the programs run on Linux with the same results. */
#include "selftest/program.h"
#include "selftest/selftest.h"

SELFTEST(M2, 5, exceptions_as_signals, .needs = M11)
{
	CHECK_PROGRAM("exception_codes");
	return true;
}

SELFTEST(M5, 5, forged_frames, .needs = M11)
{
	CHECK_PROGRAM("forged_frames");
	return true;
}

SELFTEST(M6, 5, forged_vector_state, .needs = M11)
{
	CHECK_PROGRAM("forged_xstate");
	return true;
}

SELFTEST(M11, 9, signals)
{
	CHECK_PROGRAM("signals");
	return true;
}

SELFTEST(M11, 9, sleeping_calls_and_rights)
{
	CHECK_PROGRAM("signal_waits");
	return true;
}
