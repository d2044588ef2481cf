/* SPDX-License-Identifier: BSD-2-Clause */
/* The bad-pointer matrix: the programs say how many cells they ran, the table how many there are.
 */
#include "selftest/program.h"
#include "selftest/selftest.h"
#include "selftest/syscall/badptr.h"
#include "syscall/arg_table.h"

static uint64_t cells_of_argument(const struct arg_type *type)
{
	uint64_t cells = 0;

	for (unsigned column = 0; column < BADPTR_COUNT; column++)
		cells += badptr_applies(column, type);
	return cells;
}

static uint64_t cells_of_all(void)
{
	size_t count;
	const struct arg_row *rows = arg_table(&count);
	uint64_t cells = 0;

	for (size_t row = 0; row < count; row++)
		for (uint32_t i = 0; i < rows[row].count; i++)
			cells += cells_of_argument(&rows[row].args[i]);
	return cells;
}

static uint64_t cells_run;

SELFTEST(M4, 13, bad_pointer_matrix, .needs = M12)
{
	struct program_result result = program_run("attack_ptrs");

	/* call * 10000 + argument * 100 + column */
	if (result.line)
		selftest_note_failure("cell", "attack_ptrs", (int)result.line);
	if (result.line)
		return false;
	if (result.status != 0) {
		selftest_note_failure("status", "attack_ptrs", result.status);
		return false;
	}
	CHECK(result.reports == 1);
	cells_run = result.checks;
	return true;
}

SELFTEST(M4, 14, matrix_is_complete, .needs = M12)
{
	CHECK(cells_run == cells_of_all());
	CHECK(cells_run > 2000);
	return true;
}

SELFTEST(M4, 15, inner_bad_pointers, .needs = M12)
{
	CHECK_PROGRAM("attack_inner");
	return true;
}

SELFTEST(M4, 16, read_once, .needs = M12)
{
	CHECK_PROGRAM("one_fetch");
	return true;
}

SELFTEST(M4, 16, each_structure_is_read_once, .needs = M12)
{
	CHECK_PROGRAM("fetch_counts");
	return true;
}

/* Cells whose number ends in 50 and more wrote too much or showed the kernel. */
static struct program_result good;

static bool is_leak(uint64_t line)
{
	return line % 100 >= 50;
}

SELFTEST(M4, 17, good_pointers, .needs = M12)
{
	good = program_run("good_ptrs");
	if (good.line && !is_leak(good.line)) {
		selftest_note_failure("cell", "good_ptrs", (int)good.line);
		return false;
	}
	if (good.status != 0 && !is_leak(good.line)) {
		selftest_note_failure("status", "good_ptrs", good.status);
		return false;
	}
	CHECK(good.reports == 1);
	return true;
}

SELFTEST(M4, 18, outputs_show_nothing, .needs = M12)
{
	if (good.line) {
		selftest_note_failure("cell", "good_ptrs", (int)good.line);
		return false;
	}
	CHECK(good.status == 0);
	CHECK(good.checks > 500);
	return true;
}

SELFTEST(M4, 19, unknown_numbers, .needs = M7)
{
	CHECK_PROGRAM("unknown_calls");
	return true;
}
