/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * P-M8-01: loops without any call cannot keep the CPU; others run, the loops themselves included.
 * Judged by how often the CPU changed hands, not by time: the host of an emulator may be busy.
 */
#include "selftest/user/proc.h"

#define HOGS   2
#define ROUNDS 2
#define MS     1000000l
/* A quantum on each of the better levels, and half of one more. */
#define SUNK_NS     (35 * MS)
#define PROCESS_CPU 2
/* A turn for each would be fair; the clock may jump over a quantum at any point here. */
#define CHANGES_MOST (30u * (HOGS + 1))

static int64_t now(void)
{
	int64_t time[2] = {0, 0};

	sys3(SYS_clock_gettime, 1, (long)time, 0);
	return time[0] * 1000000000 + time[1];
}

static _Noreturn void spin(void)
{
	for (;;)
		__asm__ volatile("");
}

/* One that computes too: it gets its share beside the hogs. */
static void compute(long unused)
{
	(void)unused;
	for (volatile int i = 0; i < 200000; i++)
		;
}

/* Down to where the loops are: from there on it waits with them. */
static void sink(void)
{
	int64_t time[2] = {0, 0};

	while (time[0] == 0 && time[1] < SUNK_NS)
		sys3(SYS_clock_gettime, PROCESS_CPU, (long)time, 0);
}

static uint64_t changes(void)
{
	return value_of("/proc/stat", "ctxt ");
}

static void rounds(void)
{
	int64_t pause[2] = {0, MS}, before;
	uint64_t start;

	for (int i = 0; i < ROUNDS; i++) {
		start = changes();
		before = now();
		CHECK(sys3(SYS_nanosleep, (long)pause, 0, 0) == 0);
		CHECK(now() - before >= MS && changes() - start < CHANGES_MOST);
	}
	start = changes();
	CHECK(run_child(compute, 0) == 0);
	CHECK(changes() - start < CHANGES_MOST);
}

void test_main(const uint64_t *stack)
{
	long pid[HOGS];
	int status;

	(void)stack;
	for (int i = 0; i < HOGS; i++) {
		pid[i] = sys_fork();
		if (pid[i] == 0)
			spin();
		CHECK(pid[i] > 0);
	}
	rounds();
	sink();
	rounds();
	for (int i = 0; i < HOGS; i++) {
		CHECK(sys3(SYS_kill, pid[i], SIGKILL, 0) == 0);
		CHECK(sys_wait(pid[i], &status) == pid[i] && status == SIGKILL);
	}
}
