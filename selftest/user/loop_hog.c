/* SPDX-License-Identifier: BSD-2-Clause */
/* P-M8-01: loops without any call cannot keep the CPU; others run, the loops themselves included.
 */
#include "selftest/user/user.h"

#define HOGS     2
#define ROUNDS   2
#define QUANTUM  10000000l
#define GENEROUS (2 * QUANTUM * (HOGS + 1) + 1000000000l) /* the host of an emulator may be busy \
							   */

static int64_t now(void)
{
	int64_t time[2] = {0, 0};

	sys3(SYS_clock_gettime, 1, (long)time, 0);
	return time[0] * 1000000000 + time[1];
}

static _Noreturn void spin(void)
{
	for (;;)
		__asm__ volatile("pause");
}

/* One that computes too: it gets its share beside the hogs. */
static void compute(long unused)
{
	(void)unused;
	for (volatile int i = 0; i < 200000; i++)
		;
}

static void rounds(void)
{
	int64_t pause[2] = {0, 1000000};

	for (int i = 0; i < ROUNDS; i++) {
		int64_t before = now();

		CHECK(sys3(SYS_nanosleep, (long)pause, 0, 0) == 0);
		CHECK(now() - before >= 1000000 && now() - before < GENEROUS);
	}
	int64_t before = now();
	CHECK(run_child(compute, 0) == 0);
	CHECK(now() - before < 2 * GENEROUS);
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
	for (int i = 0; i < HOGS; i++) {
		CHECK(sys3(SYS_kill, pid[i], SIGKILL, 0) == 0);
		CHECK(sys_wait(pid[i], &status) == pid[i] && status == SIGKILL);
	}
}
