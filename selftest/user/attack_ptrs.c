/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * P-M4-13, P-M4-14: every pointer argument of every call with every bad pointer that applies, all
 * other arguments valid: EFAULT, nothing changed, and what the range check refuses is never
 * touched.
 */
#include "selftest/user/ptr_matrix.h"

#define STATE_FAULTS 6
#define PASSES       4
#define STATE_WORDS  6 /* frames, slab objects, pids, processes, timers, commitment */

static unsigned cells;

static void probe(unsigned what, uint64_t state[8])
{
	sys3(SYS_probe_state, what, (long)state, 0);
}

static bool cell_is_right(const struct arg_row *row, const struct ptr_spec *spec, unsigned argument,
			  enum badptr column)
{
	uint64_t before[8], after[8], n = arg_span(&row->args[argument], spec);
	long args[6], answer;

	valid_arguments(row, spec, args);
	args[argument] = (long)badptr_address(column, n);
	answer = cell_answer(column, spec->flags & MOVES_BYTES, n);
	if ((spec->flags & WORDS) && row->args[argument].size == 4 && args[argument] & 3)
		answer = -EINVAL;
	probe(0, before);
	if (call_once(row, spec, args) != answer)
		return false;
	probe(0, after);
	return !(badptr_flags(column) & BAD_BY_CHECK) ||
	       before[STATE_FAULTS] == after[STATE_FAULTS];
}

/* One pass over a row; with @count its cells are those that the kernel expects. */
static void run_row(const struct arg_row *row, const struct ptr_spec *spec, bool count)
{
	for (unsigned i = 0; i < row->count; i++)
		for (unsigned column = 0; column < BADPTR_COUNT; column++) {
			if (!badptr_applies(column, &row->args[i]))
				continue;
			if (!cell_is_right(row, spec, i, column))
				report_cell(row, i, column, cells);
			cells += count;
		}
}

/* Return: the first word of the state that a pass over the row changed, or STATE_WORDS. */
static unsigned changed_by_row(const struct arg_row *row, const struct ptr_spec *spec)
{
	uint64_t before[8], after[8];
	unsigned word = 0;

	probe(PROBE_DRAINED, before);
	run_row(row, spec, false);
	reap_all();
	probe(PROBE_DRAINED, after);
	while (word < STATE_WORDS && before[word] == after[word])
		word++;
	return word;
}

/*
 * What a first pass leaves in caches and tables, a later one finds there: it must change nothing.
 * The kernel's own work may happen in between; what a call leaves behind, it leaves behind each
 * time.
 */
static void attack_row(const struct arg_row *row, const struct ptr_spec *spec)
{
	unsigned word = 0;

	run_row(row, spec, true);
	reap_all();
	for (unsigned pass = 0; pass < PASSES; pass++) {
		word = changed_by_row(row, spec);
		if (word == STATE_WORDS)
			return;
	}
	report_cell(row, 90 + word, 0, cells);
}

void test_main(const uint64_t *stack)
{
	/* The row of execve starts this program without a name. */
	if (!*(const char *)stack[1])
		sys_exit(0);
	matrix_begin(stack);
	for (size_t i = 0; i < MATRIX_ROWS; i++) {
		const struct arg_row *row = &matrix_rows[i];
		const struct ptr_spec *spec = spec_of(row);

		if (!has_pointers(row))
			continue;
		if (!spec)
			report_cell(row, 99, 99, cells);
		attack_row(row, spec);
	}
	matrix_end();
	test_checks = cells;
}
