/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * M8_SCHED_DEMO: M8_SCHED_TASKS processes spin without ever giving the CPU away; the one-shot timer
 * shares it out. Each counts for the same stretch of time, the table shows who got how much.
 */
#include "selftest/user/print.h"
#include "selftest/user/user.h"

#ifndef M8_SCHED_TASKS
#define M8_SCHED_TASKS 4
#endif
_Static_assert(M8_SCHED_TASKS >= 2 && M8_SCHED_TASKS <= 64, "M8_SCHED_TASKS=2..64");

#define CLOCK_MONOTONIC 1
#define NS_PER_SEC      1000000000l
#define QUANTA          6l
#define QUANTUM_NS      10000000l
#define BAR_FULL        40u

static long now_ns(void)
{
	long time[2];

	sys3(SYS_clock_gettime, CLOCK_MONOTONIC, (long)time, 0);
	return time[0] * NS_PER_SEC + time[1];
}

static uint64_t spin_until(long deadline_ns)
{
	uint64_t rounds = 0;

	while (now_ns() < deadline_ns)
		rounds++;
	return rounds;
}

static void say_share(unsigned task, uint64_t rounds, uint64_t total)
{
	uint64_t permille = rounds * 1000 / total;
	struct line line = {.len = 0};

	line_text(&line, "sched demo: task ");
	line_number(&line, task, 2);
	line_text(&line, "  ");
	line_number(&line, permille / 10, 3);
	line_text(&line, " %  ");
	for (uint64_t i = 0; i < permille * M8_SCHED_TASKS * BAR_FULL / 2000; i++)
		line_text(&line, "#");
	line_end(&line);
}

static void say_result(unsigned served)
{
	struct line line = {.len = 0};

	line_text(&line, "sched demo: ");
	line_number(&line, served, 1);
	line_text(&line, " of ");
	line_number(&line, M8_SCHED_TASKS, 1);
	line_text(&line, " hogs got their share, none gave the CPU away");
	line_end(&line);
}

void test_main(const uint64_t *stack)
{
	uint64_t rounds[M8_SCHED_TASKS], total = 0;
	unsigned served = 0;
	int pipe[2];

	(void)stack;
	CHECK(sys3(SYS_pipe2, (long)pipe, 0, 0) == 0);
	long deadline = now_ns() + M8_SCHED_TASKS * QUANTA * QUANTUM_NS;
	for (uint64_t task = 0; task < M8_SCHED_TASKS; task++) {
		long pid = sys_fork();
		CHECK(pid >= 0);
		if (pid == 0) {
			uint64_t report[2] = {task, spin_until(deadline)};
			sys3(SYS_write, pipe[1], (long)report, sizeof(report));
			sys_exit(0);
		}
	}
	for (unsigned i = 0; i < M8_SCHED_TASKS; i++) {
		uint64_t report[2];
		CHECK(sys3(SYS_read, pipe[0], (long)report, sizeof(report)) == sizeof(report));
		rounds[report[0]] = report[1];
		total += report[1];
	}
	for (unsigned task = 0; task < M8_SCHED_TASKS; task++) {
		say_share(task, rounds[task], total);
		served += rounds[task] * M8_SCHED_TASKS * 2 > total;
	}
	for (unsigned i = 0; i < M8_SCHED_TASKS; i++)
		CHECK(sys_wait(-1, NULL) > 0);
	say_result(served);
	CHECK(served == M8_SCHED_TASKS);
}
