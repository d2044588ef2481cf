/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Runs the selftests of each milestone and reports them by markers (grammar: docs/markers.md).
 * A failed milestone stops the boot there, unless selftest=continue.
 */
#include "kernel/lib/compiler.h"
#include "kernel/lib/string.h"

#include "kernel/core/log.h"
#include "kernel/core/marker.h"
#include "kernel/core/time.h"
#include "kernel/x86/io.h"
#include "selftest/enable.h"
#include "selftest/runner_internal.h"
#include "selftest/select.h"
#include "selftest/selftest.h"

#define DEBUG_EXIT_PORT 0xf4
#define DEBUG_EXIT_PASS 0x10
#define DEBUG_EXIT_FAIL 0x11
#define NS_PER_MS       1000000ull

static const struct milestone milestones[] __used __section(".milestones") = {
#define MILESTONE(number_, name_) {.name = #name_, .number = (number_)},
#include "selftest/milestones.def"
#undef MILESTONE
};

/* What the test that runs now has said so far. */
static struct {
	unsigned checks;
	bool skipped;
	const char *condition;
	const char *file;
	int line;
} now;

static struct selftest_selection selection;
static unsigned tests_run, tests_passed;
static unsigned milestones_failed;

void selftest_count_check(void)
{
	now.checks++;
}

void selftest_note_failure(const char *condition, const char *file, int line)
{
	now.condition = condition;
	now.file = file;
	now.line = line;
}

void selftest_note_skip(void)
{
	now.skipped = true;
}

unsigned selftest_scaled(unsigned rounds)
{
	uint64_t scaled = (uint64_t)rounds * selection.percent / 100;

	return scaled ? (unsigned)scaled : 1;
}

static unsigned runs_at(const struct selftest *test)
{
	return test->needs > test->milestone ? test->needs : test->milestone;
}

/* The report's order: SELFTEST_FIRST, then by milestone, row and name; SELFTEST_LAST behind all. */
static int compare(const struct selftest *a, const struct selftest *b)
{
	if (a->place != b->place)
		return a->place - b->place;
	if (a->milestone != b->milestone)
		return a->milestone - b->milestone;
	if (a->row != b->row)
		return a->row - b->row;
	return strcmp(a->name, b->name);
}

/* The next test of a milestone's end behind `last` (NULL = the first), or NULL. */
static const struct selftest *next_test(unsigned number, const struct selftest *last)
{
	const struct selftest *best = NULL;

	for (const struct selftest *test = selftests_start; test < selftests_end; test++) {
		if (runs_at(test) != number || (last && compare(test, last) <= 0))
			continue;
		if (!best || compare(test, best) < 0)
			best = test;
	}
	return best;
}

static unsigned count_tests(unsigned number)
{
	unsigned count = 0;

	for (const struct selftest *test = selftests_start; test < selftests_end; test++)
		count += runs_at(test) == number;
	return count;
}

/* One test: its function, then what it said and how long it took. */
static const char *judge(const struct selftest *test)
{
	uint32_t limit_ms = test->deadline_ms ? test->deadline_ms : SELFTEST_DEADLINE_MS;

	memset(&now, 0, sizeof(now));
	uint64_t start_ns = time_now_ns();
	bool passed = test->run();
	uint64_t took_ns = time_now_ns() - start_ns;
	if (!passed)
		return now.condition ? now.condition : "returned false";
	if (now.skipped)
		return test->skip ? NULL : "a skip that is not declared";
	if (!now.checks)
		return "nothing was checked";
	return took_ns > limit_ms * NS_PER_MS ? "deadline" : NULL;
}

static bool run_test(const struct selftest *test, unsigned index)
{
	marker_line("  # begin P-M%u-%02u %s", test->milestone, test->row, test->name);
	const char *failure = judge(test);
	if (failure) {
		log_err("selftest", "P-M%u-%02u %s failed: %s", test->milestone, test->row,
			test->name, failure);
		marker_line("  not ok %u P-M%u-%02u %s # %s:%d %s", index, test->milestone,
			    test->row, test->name, now.file ? now.file : "runner", now.line,
			    failure);
	} else if (now.skipped) {
		marker_line("  ok %u P-M%u-%02u %s # SKIP %s", index, test->milestone, test->row,
			    test->name, test->skip);
	} else {
		marker_line("  ok %u P-M%u-%02u %s", index, test->milestone, test->row, test->name);
	}
	return !failure;
}

void selftest_begin(const char *cmdline)
{
	selection = selftest_select(cmdline);
	marker_line("1..%zu", (size_t)(milestones_end - milestones_start));
}

/* CFLAGS_EXTRA=-DM4_SELFTEST_ENABLE=0 builds a kernel without M4's tests; it says so in its report.
 */
static bool built(unsigned number)
{
	switch (number) {
#define MILESTONE(number_, name_) \
	case (number_):           \
		return M##number_##_SELFTEST_ENABLE;
#include "selftest/milestones.def"
#undef MILESTONE
	default:
		return false;
	}
}

/* For people: the console has a line for each milestone, the markers have all of it. */
static void tell(unsigned number, unsigned passed, unsigned count)
{
	const struct milestone *milestone = milestones_start;

	while (milestone->number != number)
		milestone++;
	if (passed == count)
		log_info("selftest", "[ OK ] M%u %s: %u passed", number, milestone->name, passed);
	else
		log_err("selftest", "[FAIL] M%u %s: %u of %u failed", number, milestone->name,
			count - passed, count);
}

static bool selected(unsigned number)
{
	return !selection.off && number >= selection.first && number <= selection.last;
}

bool selftest_run(enum milestone_number number)
{
	unsigned count = count_tests(number), passed = 0, index = 0;

	if (!built(number)) {
		marker_line("ok %u M%u # SKIP not built", number, number);
		return true;
	}
	if (!selected(number)) {
		marker_line("ok %u M%u # SKIP not selected", number, number);
		return true;
	}
	marker_line("  KTAP version 1");
	marker_line("  # Subtest: M%u", number);
	marker_line("  1..%u", count);
	for (const struct selftest *test = next_test(number, NULL); test;
	     test = next_test(number, test))
		passed += run_test(test, ++index);
	tests_run += count;
	tests_passed += passed;
	milestones_failed += passed != count;
	marker_line("# [M%u][SELFTEST] %u/%u %s", number, passed, count,
		    passed == count ? "PASS" : "FAIL");
	marker_line("%s %u M%u", passed == count ? "ok" : "not ok", number, number);
	tell(number, passed, count);
	return passed == count || selection.keep_going;
}

bool selftest_end(void)
{
	bool passed = milestones_failed == 0;

	marker_line("# [SELFTEST] %u/%u %s", tests_passed, tests_run, passed ? "PASS" : "FAIL");
	marker_seal();
	if (selection.only)
		outl(DEBUG_EXIT_PORT, passed ? DEBUG_EXIT_PASS : DEBUG_EXIT_FAIL);
	return passed || selection.keep_going;
}
