/* SPDX-License-Identifier: BSD-2-Clause */
/* Ends at once; its child computes on for more than a quantum, on a worse level than anybody new. */
#include "selftest/user/user.h"

#define PROCESS_CPU 2
#define LONG_NS     30000000l

static long used(void)
{
	long time[2] = {0, 0};

	sys3(SYS_clock_gettime, PROCESS_CPU, (long)time, 0);
	return time[0] * 1000000000 + time[1];
}

void test_main(const uint64_t *stack)
{
	long pid = sys_fork();

	(void)stack;
	CHECK(pid >= 0);
	while (pid == 0)
		if (used() > LONG_NS)
			sys_exit(0);
}
