/* SPDX-License-Identifier: BSD-2-Clause */
/* P-M8-03: a status is exact and collected once; orphans find a new parent; no zombie stays. */
#include "selftest/user/service.h"

#define SYS_prctl              157
#define PR_SET_CHILD_SUBREAPER 36
#define SYS_waitid             247
#define SIGCHLD                17
#define WNOHANG                1
#define WEXITED                4
#define WNOWAIT                0x01000000

static void every_exit_code(void)
{
	for (int code = 0; code < 256; code += 15) {
		int status = -1;
		long pid = sys_fork();

		if (pid == 0)
			sys_exit(code);
		CHECK(pid > 0 && sys_wait(pid, &status) == pid);
		CHECK(status == code << 8);
		CHECK(sys_wait(pid, &status) == -ECHILD);
	}
	CHECK(sys_wait(-1, NULL) == -ECHILD);
}

/* Each child is collected by exactly one of many waits, in any order. */
static void collected_once(void)
{
	long pids[8];
	int status = -1;

	for (int i = 0; i < 8; i++) {
		pids[i] = sys_fork();
		if (pids[i] == 0)
			sys_exit(i);
		CHECK(pids[i] > 0);
	}
	for (int i = 7; i >= 4; i--)
		CHECK(sys_wait(pids[i], &status) == pids[i] && status == i << 8);
	unsigned seen = 0;
	for (int i = 0; i < 4; i++) {
		long pid = sys_wait(-1, &status);
		CHECK(pid == pids[status >> 8] && status >> 8 < 4);
		seen |= 1u << (status >> 8);
	}
	CHECK(seen == 0xf);
	CHECK(sys_wait(-1, &status) == -ECHILD);
}

static void wait_does_not_block(void)
{
	int ends[2], status = -1;
	char byte;
	long pid;

	CHECK(sys3(SYS_pipe2, (long)ends, 0, 0) == 0);
	pid = sys_fork();
	if (pid == 0) {
		sys3(SYS_close, ends[1], 0, 0);
		sys_exit(sys3(SYS_read, ends[0], (long)&byte, 1) == 0 ? 3 : 4);
	}
	CHECK(pid > 0 && sys6(SYS_wait4, pid, (long)&status, WNOHANG, 0, 0, 0) == 0);
	CHECK(status == -1);
	CHECK(sys3(SYS_close, ends[1], 0, 0) == 0 && sys3(SYS_close, ends[0], 0, 0) == 0);
	CHECK(sys_wait(pid, &status) == pid && status == 3 << 8);
}

/* The grandchild outlives its parent: it becomes the subreaper's, who collects it. */
static void orphans_are_adopted(void)
{
	int ends[2], status = -1;
	long self = sys0(SYS_getpid), orphan = 0, pid;

	CHECK(sys3(SYS_pipe2, (long)ends, 0, 0) == 0);
	pid = sys_fork();
	if (pid == 0) {
		long middle = sys0(SYS_getpid), inner = sys_fork();

		if (inner == 0) {
			while (sys0(SYS_getppid) == middle)
				sys0(SYS_sched_yield);
			sys_exit(sys0(SYS_getppid) == self ? 9 : 10);
		}
		sys3(SYS_write, ends[1], (long)&inner, sizeof(inner));
		for (;;)
			sys0(SYS_sched_yield);
	}
	CHECK(pid > 0);
	CHECK(sys3(SYS_read, ends[0], (long)&orphan, sizeof(orphan)) == sizeof(orphan));
	/* Both are there already. */
	CHECK(sys3(SYS_prctl, PR_SET_CHILD_SUBREAPER, 1, 0) == 0);
	CHECK(sys3(SYS_kill, pid, SIGKILL, 0) == 0);
	CHECK(sys_wait(pid, &status) == pid && status == SIGKILL);
	CHECK(sys_wait(orphan, &status) == orphan && status == 9 << 8);
	CHECK(sys_wait(-1, &status) == -ECHILD);
	CHECK(sys3(SYS_close, ends[0], 0, 0) == 0 && sys3(SYS_close, ends[1], 0, 0) == 0);
}

/* The end of a parent that never waited, whose own parent does not want to hear of any. */
static void dead_orphans_stay_nowhere(void)
{
	const uint64_t ignored[4] = {1}, usual[4] = {0};
	int32_t info[32];
	long pid;

	CHECK(sys6(SYS_rt_sigaction, SIGCHLD, (long)ignored, 0, 8, 0, 0) == 0);
	pid = sys_fork();
	if (pid == 0) {
		sys6(SYS_rt_sigaction, SIGCHLD, (long)usual, 0, 8, 0, 0);
		if (sys_fork() == 0)
			sys_exit(11);
		sys6(SYS_waitid, 0, 0, (long)info, WEXITED | WNOWAIT, 0, 0);
		sys_exit(12);
	}
	CHECK(pid > 0 && sys_wait(-1, NULL) == -ECHILD);
	CHECK(sys6(SYS_rt_sigaction, SIGCHLD, (long)usual, 0, 8, 0, 0) == 0);
	CHECK(sys_wait(-1, NULL) == -ECHILD);
}

static void everything(void)
{
	every_exit_code();
	collected_once();
	wait_does_not_block();
	orphans_are_adopted();
	dead_orphans_stay_nowhere();
}

void test_main(const uint64_t *stack)
{
	struct state before, after;

	(void)stack;
	everything();
	before = state_now();
	everything();
	after = state_now();
	CHECK(same_state(&before, &after));
}
