/* SPDX-License-Identifier: BSD-2-Clause */
/* The rows that one ring-3 program shows by itself. */
#include "selftest/program.h"
#include "selftest/selftest.h"

SELFTEST(M2, 5, exceptions_end_the_process_only, .needs = M11)
{
	CHECK_PROGRAM("exceptions");
	return true;
}

SELFTEST(M4, 21, privileged_instructions_fault, .needs = M11)
{
	CHECK_PROGRAM("privileged");
	return true;
}

SELFTEST(M5, 6, registers_survive_calls, .needs = M7)
{
	CHECK_PROGRAM("registers");
	return true;
}

SELFTEST(M7, 1, first_state)
{
	CHECK_PROGRAM("first_state");
	return true;
}
