/* SPDX-License-Identifier: BSD-2-Clause */
/* P-M14-22: processes of several sessions end beside each other, and those of one in another. */
#include "selftest/user/service.h"

#define SYS_setsid             112
#define SYS_prctl              157
#define PR_SET_CHILD_SUBREAPER 36
#define WNOHANG                1

#define ORPHANS 2

/* The pipe that the orphans live for, and the one that tells of them. */
static int life[2], numbers[2];

static void pipe_make(int ends[2])
{
	CHECK(sys3(SYS_pipe2, (long)ends, 0, 0) == 0);
}

static long fork_exit(int code)
{
	long pid = sys_fork();

	if (pid == 0)
		sys_exit(code);
	return pid;
}

static long look_for(long pid)
{
	return sys6(SYS_wait4, pid, 0, WNOHANG, 0, 0, 0);
}

/* Neither oneself, nor a child's child, nor nobody is waited for. */
static void only_own_children(long grandchild)
{
	CHECK(look_for(sys0(SYS_getpid)) == -ECHILD);
	CHECK(look_for(grandchild) == -ECHILD);
	CHECK(look_for(32767) == -ECHILD && look_for(1 << 20) == -ECHILD);
}

static _Noreturn void orphan(int code)
{
	char byte;

	sys3(SYS_close, life[1], 0, 0);
	sys3(SYS_read, life[0], (long)&byte, 1);
	sys_exit(code);
}

/* Ends with children of its own: one dead, one that lives on. */
static _Noreturn void middle(void)
{
	long pids[ORPHANS];

	pids[0] = fork_exit(1);
	pids[1] = sys_fork();
	if (pids[1] == 0)
		orphan(2);
	sys3(SYS_write, numbers[1], (long)pids, sizeof(pids));
	sys_exit(3);
}

static _Noreturn void lead(void)
{
	int status = -1;
	long pid;

	if (sys0(SYS_setsid) != sys0(SYS_getpid))
		sys_exit(10);
	pid = fork_exit(4);
	if (pid < 0 || sys_wait(pid, &status) != pid || status != 4 << 8)
		sys_exit(11);
	pid = sys_fork();
	if (pid == 0)
		middle();
	sys_exit(pid > 0 && sys_wait(-1, &status) == pid && status == 3 << 8 ? 5 : 12);
}

/* What a session left, whose leader is of another one than who gets them, and has ended. */
static void leader_and_orphans(void)
{
	long pids[ORPHANS], leader;
	int status = -1;

	pipe_make(life);
	pipe_make(numbers);
	leader = sys_fork();
	if (leader == 0)
		lead();
	CHECK(sys3(SYS_read, numbers[0], (long)pids, sizeof(pids)) == sizeof(pids));
	CHECK(sys_wait(leader, &status) == leader && status == 5 << 8);
	CHECK(sys_wait(-1, &status) == pids[0] && status == 1 << 8);
	CHECK(sys3(SYS_close, life[1], 0, 0) == 0);
	CHECK(sys_wait(pids[1], &status) == pids[1] && status == 2 << 8);
	CHECK(sys_wait(-1, NULL) == -ECHILD);
	for (int i = 0; i < 2; i++)
		sys3(SYS_close, numbers[i], 0, 0);
	sys3(SYS_close, life[0], 0, 0);
}

/* A child that has one itself, which is nobody else's as long as it lives. */
static void strangers(void)
{
	int status = -1;
	long pid, grandchild = 0;
	char byte;

	pipe_make(life);
	pipe_make(numbers);
	pid = sys_fork();
	if (pid == 0) {
		long inner = fork_exit(0);

		sys3(SYS_write, numbers[1], (long)&inner, sizeof(inner));
		sys3(SYS_close, life[1], 0, 0);
		sys3(SYS_read, life[0], (long)&byte, 1);
		sys_exit(sys_wait(inner, NULL) == inner ? 6 : 13);
	}
	CHECK(sys3(SYS_read, numbers[0], (long)&grandchild, sizeof(grandchild)) ==
	      sizeof(grandchild));
	only_own_children(grandchild);
	for (int i = 0; i < 2; i++) {
		sys3(SYS_close, life[i], 0, 0);
		sys3(SYS_close, numbers[i], 0, 0);
	}
	CHECK(sys_wait(pid, &status) == pid && status == 6 << 8);
}

void test_main(const uint64_t *stack)
{
	(void)stack;
	CHECK(sys6(SYS_prctl, PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0, 0) == 0);
	leader_and_orphans();
	strangers();
}
