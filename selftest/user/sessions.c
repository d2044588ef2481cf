/* SPDX-License-Identifier: BSD-2-Clause */
/* P-M11-12: a terminal's keys reach its foreground only, and its end whoever has it. */
#include "selftest/user/terminal.h"

static long master, slave;
static volatile unsigned seen[65];

static void note(int signo, struct info *info, struct context *context)
{
	(void)context;
	child_check(info->code == SI_KERNEL, 90);
	seen[signo]++;
}

static void open_pair(void)
{
	master = open_master();
	CHECK(master > 0 && unlock(master) == 0);
	slave = open_slave(number_of(master), O_NOCTTY);
	CHECK(slave > 0);
}

static void note_all(void)
{
	child_check(
		handle(SIGHUP, note, 0) == 0 && handle(SIGINT, note, 0) == 0 &&
			handle(SIGCONT, note, 0) == 0 &&
			mask_change(SIG_BLOCK, bit(SIGHUP) | bit(SIGINT) | bit(SIGCONT), NULL) == 0,
		80);
}

static void await(int signo)
{
	uint64_t none = 0;

	while (!seen[signo])
		sys3(SYS_rt_sigsuspend, (long)&none, 8, 0);
}

/* A leader that has the terminal, with the signals of this file blocked but for await(). */
static void lead(void)
{
	note_all();
	child_check(sys0(SYS_setsid) > 0, 81);
	child_check(sys3(SYS_open, (long)"/dev/tty", O_RDWR, 0) == -ENXIO, 82);
	child_check(control(slave, TIOCSCTTY, 0) == 0, 83);
}

static int own_terminal(void)
{
	long fd = sys3(SYS_open, (long)"/dev/tty", O_RDWR, 0);

	if (fd < 0)
		return (int)fd;
	sys3(SYS_close, fd, 0, 0);
	return 0;
}

/* A background child has not got the key when the leader, who asks it afterwards, has. */
static void keys_of_a_leader(long arg)
{
	int ends[2], status;
	char byte;
	long pid;

	(void)arg;
	lead();
	child_check(sys3(SYS_pipe2, (long)ends, 0, 0) == 0, 1);
	pid = sys_fork();
	if (pid == 0) {
		sys3(SYS_close, ends[1], 0, 0);
		child_check(sys3(SYS_setpgid, 0, 0, 0) == 0, 2);
		sys3(SYS_read, ends[0], (long)&byte, 1);
		mask_change(SIG_UNBLOCK, bit(SIGINT), NULL);
		sys_exit((int)seen[SIGINT]);
	}
	sys3(SYS_setpgid, pid, pid, 0);
	child_check(PUT(master, "\x03"), 3);
	await(SIGINT);
	sys3(SYS_close, ends[1], 0, 0);
	child_check(sys_wait(pid, &status) == pid && status == 0, 4);
	child_check(own_terminal() == 0, 5);
}

/* Who is not of the session cannot name its groups, nor take its terminal. */
static void stranger(long arg)
{
	int group = (int)sys0(SYS_getpid);

	(void)arg;
	child_check(sys0(SYS_setsid) > 0, 1);
	child_check(control(slave, TIOCSPGRP, &group) == -ENOTTY, 2);
	child_check(control(slave, TIOCSCTTY, 0) == -EPERM, 3);
	child_check(own_terminal() == -ENXIO, 4);
}

static void guarded_leader(long arg)
{
	(void)arg;
	lead();
	child_check(run_child(stranger, 0) == 0, 1);
	child_check(own_terminal() == 0, 2);
}

static void hung_leader(long arg)
{
	char byte;

	(void)arg;
	lead();
	child_check(sys3(SYS_close, master, 0, 0) == 0, 1);
	await(SIGHUP);
	await(SIGCONT);
	child_check(get(slave, &byte, 1) == 0, 2);
	child_check(put(slave, "x", 1) == -EIO, 3);
	child_check(own_terminal() == -ENXIO, 4);
}

/* The foreground of a leader that ends; its report goes by the pipe of the test. */
static int report[2];

static void survivor(void)
{
	int group = (int)sys0(SYS_getpid);
	char verdict = 0;

	sys3(SYS_setpgid, 0, 0, 0);
	action_set(22 /* SIGTTOU */, SIG_IGN, 0, 0);
	verdict |= control(slave, TIOCSPGRP, &group) != 0;
	sys3(SYS_write, report[1], (long)"", 1);
	await(SIGHUP);
	verdict |= (own_terminal() != -ENXIO) << 1;
	verdict |= !PUT(slave, "still there") << 2;
	sys3(SYS_write, report[1], (long)&verdict, 1);
	sys_exit(0);
}

static void ending_leader(long arg)
{
	char byte;

	(void)arg;
	lead();
	if (sys_fork() == 0)
		survivor();
	sys3(SYS_read, report[0], (long)&byte, 1);
}

void test_main(const uint64_t *stack)
{
	char verdict = 99;

	(void)stack;
	open_pair();
	CHECK(run_child(keys_of_a_leader, 0) == 0);
	CHECK(run_child(guarded_leader, 0) == 0);
	CHECK(sys3(SYS_pipe2, (long)report, 0, 0) == 0);
	CHECK(run_child(ending_leader, 0) == 0);
	CHECK(sys3(SYS_read, report[0], (long)&verdict, 1) == 1 && verdict == 0);
	sys3(SYS_close, master, 0, 0);
	sys3(SYS_close, slave, 0, 0);
	/* A pair that only the child has: its close of the master is the last. */
	long pid = sys_fork();
	int status = -1;

	if (pid == 0) {
		open_pair();
		hung_leader(0);
		sys_exit(0);
	}
	CHECK(sys_wait(pid, &status) == pid && status == 0);
}
