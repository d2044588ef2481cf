/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * M14_SMP_DEMO: processes compute without ever giving a CPU away, one of them bound to the last
 * CPU. Each counts where it runs; several times a second each CPU's line shows who ran there, and
 * whose share was how large.
 */
#include "selftest/user/print.h"
#include "selftest/user/user.h"

#define SYS_sched_setaffinity 203
#define SYS_sched_getaffinity 204
#define SYS_getcpu            309
#define MAP_SHARED            1

#define TASKS    6u
#define CPUS_MAX 64u
#define FRAMES   5u
#define FRAME_NS 150000000l
#define BOUND    0u /* this task stays on the last CPU */

/* How often each task looked and where it was, for parent and children. */
struct board {
	volatile uint64_t looks[TASKS][CPUS_MAX];
};

static struct board *board;
static uint64_t shown[TASKS][CPUS_MAX];

static unsigned cpus_of_this(void)
{
	uint64_t set[16] = {0};
	unsigned count = 0;

	CHECK(sys3(SYS_sched_getaffinity, 0, sizeof(set), (long)set) > 0);
	for (uint64_t left = set[0]; left; left &= left - 1)
		count++;
	return count;
}

static _Noreturn void compute(unsigned task, unsigned cpus)
{
	uint64_t last[16] = {1ull << (cpus - 1)};
	uint32_t cpu = 0;

	if (task == BOUND)
		CHECK(sys3(SYS_sched_setaffinity, 0, sizeof(last), (long)last) == 0);
	/* With the pause an emulator gives its CPUs short turns. */
	for (;; __builtin_ia32_pause()) {
		sys3(SYS_getcpu, (long)&cpu, 0, 0);
		board->looks[task][cpu % CPUS_MAX]++;
	}
}

/* What has come on @cpu since the last frame, in all. */
static uint64_t looks_since(unsigned cpu, uint64_t now[TASKS])
{
	uint64_t total = 0;

	for (unsigned task = 0; task < TASKS; task++) {
		now[task] = board->looks[task][cpu] - shown[task][cpu];
		shown[task][cpu] += now[task];
		total += now[task];
	}
	return total;
}

static void show_cpu(unsigned cpu)
{
	struct line line = {.len = 0};
	uint64_t now[TASKS], total = looks_since(cpu, now);

	line_text(&line, "smp demo: CPU ");
	line_number(&line, cpu, 2);
	if (!total)
		line_text(&line, "  idle");
	for (unsigned task = 0; task < TASKS; task++) {
		char name[] = {' ', ' ', (char)('A' + task), ' ', 0};

		if (!now[task])
			continue;
		line_text(&line, name);
		line_number(&line, now[task] * 100 / total, 3);
		line_text(&line, " %");
	}
	line_end(&line);
}

static void show_frames(unsigned cpus)
{
	long time[2] = {0, FRAME_NS};

	for (unsigned frame = 1; frame <= FRAMES; frame++) {
		struct line line = {.len = 0};

		CHECK(sys3(SYS_nanosleep, (long)time, 0, 0) == 0);
		line_text(&line, "smp demo: frame ");
		line_number(&line, frame, 1);
		line_end(&line);
		for (unsigned cpu = 0; cpu < cpus; cpu++)
			show_cpu(cpu);
	}
}

static void say_result(unsigned cpus)
{
	struct line line = {.len = 0};
	unsigned served = 0, busy = 0;

	for (unsigned cpu = 0; cpu < cpus; cpu++) {
		uint64_t looks = 0;

		for (unsigned task = 0; task < TASKS; task++)
			looks += shown[task][cpu];
		busy += looks != 0;
		CHECK(cpu == cpus - 1 || shown[BOUND][cpu] == 0);
	}
	for (unsigned task = 0; task < TASKS; task++) {
		uint64_t looks = 0;

		for (unsigned cpu = 0; cpu < cpus; cpu++)
			looks += shown[task][cpu];
		served += looks != 0;
	}
	line_text(&line, "smp demo: ");
	line_number(&line, served, 1);
	line_text(&line, " of 6 tasks ran, on ");
	line_number(&line, busy, 1);
	line_text(&line, " of ");
	line_number(&line, cpus, 1);
	line_text(&line, " CPUs; A stayed on the last");
	line_end(&line);
	CHECK(served == TASKS && busy == cpus);
}

void test_main(const uint64_t *stack)
{
	unsigned cpus = cpus_of_this();
	long pids[TASKS];

	(void)stack;
	board = sys_mmap(NULL, sizeof(*board), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS);
	CHECK(!mmap_failed(board));
	for (unsigned task = 0; task < TASKS; task++) {
		pids[task] = sys_fork();
		CHECK(pids[task] >= 0);
		if (pids[task] == 0)
			compute(task, cpus);
	}
	show_frames(cpus);
	for (unsigned task = 0; task < TASKS; task++)
		CHECK(sys3(SYS_kill, pids[task], SIGKILL, 0) == 0 &&
		      sys_wait(pids[task], NULL) == pids[task]);
	say_result(cpus);
}
