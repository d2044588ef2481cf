/* SPDX-License-Identifier: BSD-2-Clause */
/* P-M11-12: what a terminal lets the background do, and which signal it sends instead. */
#include "selftest/user/jobs.h"
#include "selftest/user/terminal.h"

#define TOSTOP 0400

static long slave;

static int own_group(void)
{
	return (int)sys0(SYS_getpid);
}

static long take_foreground(void)
{
	int group = own_group();

	return control(slave, TIOCSPGRP, &group);
}

static long set_modes(void)
{
	struct modes modes;

	return control(slave, TCGETS, &modes) ? -1 : control(slave, TCSETS, &modes);
}

static long read_one(void)
{
	char byte;

	return get(slave, &byte, 1);
}

static long write_one(void)
{
	return put(slave, "w", 1);
}

static void set_tostop(int on)
{
	struct modes modes;

	CHECK(control(slave, TCGETS, &modes) == 0);
	modes.lflag = on ? modes.lflag | TOSTOP : modes.lflag & ~(uint32_t)TOSTOP;
	CHECK(control(slave, TCSETS, &modes) == 0);
}

/* In a background job that treats @signo so; the wait status, the call's error as exit code. */
static int in_background(long (*call)(void), int signo, uint64_t handler)
{
	long pid = fork_job();

	if (!pid) {
		if (signo)
			action_set(signo, handler, 0, 0);
		long result = call();
		sys_exit(result < 0 ? (int)-result : 0);
	}
	int status = wait_status(pid, WUNTRACED);
	if ((status & 0xff) == 0x7f) {
		CHECK(send(pid, SIGKILL) == 0);
		CHECK(wait_status(pid, 0) == SIGKILL);
	}
	return status;
}

static void rules(long arg)
{
	(void)arg;
	sys0(SYS_setsid);
	CHECK(control(slave, TIOCSCTTY, NULL) == 0);
	CHECK(in_background(read_one, 0, 0) == STOPPED(SIGTTIN));
	CHECK(in_background(read_one, SIGTTIN, SIG_IGN) == EIO << 8);
	CHECK(in_background(write_one, 0, 0) == 0);
	CHECK(in_background(set_modes, 0, 0) == STOPPED(SIGTTOU));
	CHECK(in_background(set_modes, SIGTTOU, SIG_IGN) == 0);
	CHECK(in_background(take_foreground, 0, 0) == STOPPED(SIGTTOU));
	set_tostop(1);
	CHECK(in_background(write_one, 0, 0) == STOPPED(SIGTTOU));
	CHECK(in_background(write_one, SIGTTOU, SIG_IGN) == 0);
	set_tostop(0);
	/* One that took the foreground leaves the leader in the background; that comes back. */
	CHECK(in_background(take_foreground, SIGTTOU, SIG_IGN) == 0);
	CHECK(action_set(SIGTTOU, SIG_IGN, 0, 0) == 0 && take_foreground() == 0);
	CHECK(put(slave, "fg", 2) == 2);
}

void test_main(const uint64_t *stack)
{
	long master;
	int status;

	(void)stack;
	master = open_master();
	CHECK(master >= 0 && unlock(master) == 0);
	slave = open_slave(number_of(master), O_NOCTTY);
	CHECK(slave >= 0);
	status = run_child(rules, 0);
	CHECK(status == 0);
	sys3(SYS_close, slave, 0, 0);
	sys3(SYS_close, master, 0, 0);
}
