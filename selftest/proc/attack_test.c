/* SPDX-License-Identifier: BSD-2-Clause */
/* Attacks of ring 3 on the boundary itself; the programs run on Linux with the same results. */
#include "selftest/program.h"
#include "selftest/selftest.h"

SELFTEST(M4, 20, kernel_memory_is_out_of_reach, .needs = M11)
{
	CHECK_PROGRAM("attack_memory");
	return true;
}

SELFTEST(M4, 22, selectors_lead_nowhere, .needs = M11)
{
	CHECK_PROGRAM("selectors");
	return true;
}

SELFTEST(M5, 4, last_page_is_never_mapped, .needs = M11)
{
	CHECK_PROGRAM("address_gap");
	return true;
}

SELFTEST(M5, 7, gate_is_for_native_calls, .needs = M11)
{
	CHECK_PROGRAM("gates");
	return true;
}

SELFTEST(M5, 9, user_stack_is_never_used, .needs = M11)
{
	CHECK_PROGRAM("hostile_stack");
	return true;
}

SELFTEST(M5, 2, flags_at_entry, .needs = M11)
{
	CHECK_PROGRAM("entry_flags");
	return true;
}

SELFTEST(M6, 1, registers_of_three_processes, .needs = M11)
{
	CHECK_PROGRAM("switch_regs");
	return true;
}

SELFTEST(M7, 2, rights_of_a_program, .needs = M11)
{
	CHECK_PROGRAM("rights");
	return true;
}

SELFTEST(M6, 2, vectors_are_private, .needs = M11)
{
	CHECK_PROGRAM("vectors");
	return true;
}

SELFTEST(M6, 4, bases_are_private, .needs = M11)
{
	CHECK_PROGRAM("bases");
	return true;
}

SELFTEST(M7, 3, fresh_stacks_are_clean, .needs = M11)
{
	CHECK_PROGRAM("first_stack");
	return true;
}

SELFTEST(M8, 1, loops_cannot_keep_the_cpu, .needs = M11)
{
	CHECK_PROGRAM("loop_hog");
	return true;
}

SELFTEST(M9, 1, first_touch_from_ring3, .needs = M11)
{
	CHECK_PROGRAM("first_touch");
	return true;
}

SELFTEST(M9, 2, writes_stay_private, .needs = M11)
{
	CHECK_PROGRAM("copy_on_write");
	return true;
}

SELFTEST(M9, 8, bad_addresses_from_ring3, .needs = M11)
{
	CHECK_PROGRAM("bad_addresses");
	return true;
}

SELFTEST(M9, 10, stack_growth_from_ring3, .needs = M11)
{
	CHECK_PROGRAM("stack_growth");
	return true;
}

SELFTEST(M9, 6, write_or_execute_from_ring3, .needs = M11)
{
	CHECK_PROGRAM_MUTED("write_xor_execute");
	return true;
}

SELFTEST(M9, 12, places_differ_per_exec, .needs = M11)
{
	CHECK_PROGRAM("layout");
	return true;
}
