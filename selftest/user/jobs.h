/* SPDX-License-Identifier: BSD-2-Clause */
#pragma once
/* Stopping, continuing and groups for ring-3 selftest programs. */
#include "selftest/user/signals.h"

#define SYS_pause   34
#define SYS_setpgid 109
#define SYS_setsid  112
#define SYS_waitid  247

#define SIGHUP  1
#define SIGTSTP 20
#define SIGTTIN 21
#define SIGTTOU 22

#define SA_NOCLDSTOP 1ul
#define SA_NOCLDWAIT 2ul

#define WNOHANG    1
#define WUNTRACED  2
#define WSTOPPED   2
#define WEXITED    4
#define WCONTINUED 8
#define WNOWAIT    0x1000000

#define P_ALL  0
#define P_PID  1
#define P_PGID 2

#define CLD_EXITED    1
#define CLD_KILLED    2
#define CLD_STOPPED   5
#define CLD_CONTINUED 6

#define CONTINUED   0xffff
#define STOPPED(no) ((no) << 8 | 0x7f)

static inline long send(long pid, int signo)
{
	return sys3(SYS_kill, pid, signo, 0);
}

/* wait4 with options; -1 for an error, the status else. */
static inline int wait_status(long pid, int options)
{
	int status = 0;

	return sys6(SYS_wait4, pid, (long)&status, options, 0, 0, 0) == pid ? status : -1;
}

static inline long fork_or_fail(void)
{
	long pid = sys_fork();

	CHECK(pid >= 0);
	return pid;
}

/* A job: a child in a group of its own, which its parent looks after. */
static inline long fork_job(void)
{
	long pid = fork_or_fail();

	sys3(SYS_setpgid, pid, pid, 0);
	return pid;
}

/* A job that does nothing but take signals. */
static inline long idle_job(void)
{
	long pid = fork_job();

	while (!pid)
		sys0(SYS_pause);
	return pid;
}
