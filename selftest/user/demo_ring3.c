/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * M7_RING3_DEMO: two processes in ring 3 hand the CPU to each other with the native yield call,
 * first slowly enough to read, then 100,000 times each.
 */
#include "selftest/user/print.h"
#include "selftest/user/user.h"

#define STEPS  5
#define YIELDS 100000

static void say_step(const char *who, unsigned step)
{
	struct line line = {.len = 0};

	line_text(&line, "ring3 demo: ");
	line_text(&line, who);
	line_text(&line, " runs at CPL 3, step ");
	line_number(&line, step, 1);
	line_end(&line);
}

static void take_turns(long who)
{
	const char *name = who ? "        B" : "A        ";

	for (unsigned step = 1; step <= STEPS; step++) {
		say_step(name, step);
		sys0(SYS_native_yield);
	}
	for (unsigned i = 0; i < YIELDS; i++)
		CHECK(sys0(SYS_native_yield) == 0);
}

void test_main(const uint64_t *stack)
{
	long pids[2];
	int status = -1;
	struct line line = {.len = 0};

	(void)stack;
	for (long who = 0; who < 2; who++) {
		pids[who] = sys_fork();
		CHECK(pids[who] >= 0);
		if (pids[who] == 0) {
			take_turns(who);
			sys_exit(0);
		}
	}
	for (int i = 0; i < 2; i++)
		CHECK(sys_wait(pids[i], &status) == pids[i] && status == 0);
	line_text(&line, "ring3 demo: done, ");
	line_number(&line, 2ul * YIELDS, 1);
	line_text(&line, " yields, both processes have left");
	line_end(&line);
}
