/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * P-M11-09: a process stops and goes on as a whole, its parent learns of both, and nobody stays
 * stopped whom nobody would continue.
 */
#include "selftest/user/jobs.h"

static volatile int count;
static volatile struct info last;

static void on_signal(int signo, struct info *info, struct context *context)
{
	(void)signo;
	(void)context;
	count++;
	last.signo = info->signo;
	last.code = info->code;
	last.pid = info->pid;
	last.value = info->value;
}

static void end(long pid)
{
	CHECK(send(pid, SIGKILL) == 0);
	CHECK(wait_status(pid, 0) == SIGKILL);
}

/* Told once each, and only to those who ask. */
static void told_once(void)
{
	long pid = idle_job();

	CHECK(send(pid, SIGSTOP) == 0);
	CHECK(wait_status(pid, WUNTRACED) == STOPPED(SIGSTOP));
	CHECK(sys6(SYS_wait4, pid, 0, WNOHANG | WUNTRACED, 0, 0, 0) == 0);
	CHECK(send(pid, SIGSTOP) == 0);
	CHECK(sys6(SYS_wait4, pid, 0, WNOHANG | WUNTRACED, 0, 0, 0) == 0);
	CHECK(send(pid, SIGCONT) == 0);
	CHECK(sys6(SYS_wait4, pid, 0, WNOHANG | WUNTRACED, 0, 0, 0) == 0);
	CHECK(wait_status(pid, WNOHANG | WCONTINUED) == CONTINUED);
	CHECK(sys6(SYS_wait4, pid, 0, WNOHANG | WCONTINUED, 0, 0, 0) == 0);
	CHECK(send(pid, SIGCONT) == 0);
	CHECK(sys6(SYS_wait4, pid, 0, WNOHANG | WCONTINUED, 0, 0, 0) == 0);
	end(pid);
}

static long waitid(int type, long id, struct info *info, int options)
{
	return sys6(SYS_waitid, type, id, (long)info, options, 0, 0);
}

static void told_by_waitid(void)
{
	struct info info;
	long pid = idle_job();

	CHECK(send(pid, SIGTSTP) == 0);
	for (int again = 0; again < 2; again++) {
		CHECK(waitid(P_PID, pid, &info, WSTOPPED | (again ? 0 : WNOWAIT)) == 0);
		CHECK(info.signo == SIGCHLD && info.code == CLD_STOPPED && info.pid == pid);
		CHECK((info.value & 0xffffffff) == SIGTSTP);
	}
	CHECK(waitid(P_PID, pid, &info, WSTOPPED | WNOHANG) == 0 && info.pid == 0);
	CHECK(send(pid, SIGCONT) == 0);
	CHECK(waitid(P_ALL, 0, &info, WCONTINUED) == 0);
	CHECK(info.code == CLD_CONTINUED && (info.value & 0xffffffff) == SIGCONT);
	end(pid);
}

static void told_by_signal(void)
{
	long pid;

	CHECK(handle(SIGCHLD, on_signal, SA_RESTART) == 0);
	pid = idle_job();
	count = 0;
	CHECK(send(pid, SIGTTIN) == 0);
	CHECK(wait_status(pid, WUNTRACED) == STOPPED(SIGTTIN));
	CHECK(count == 1 && last.code == CLD_STOPPED && last.pid == pid);
	CHECK((last.value & 0xffffffff) == SIGTTIN);
	CHECK(send(pid, SIGCONT) == 0 && wait_status(pid, WCONTINUED) == CONTINUED);
	/* Elsewhere the child itself sends it, when it runs again. */
	while (count < 2)
		sys0(SYS_sched_yield);
	CHECK(count == 2 && last.code == CLD_CONTINUED);
	CHECK(handle(SIGCHLD, on_signal, SA_RESTART | SA_NOCLDSTOP) == 0);
	CHECK(send(pid, SIGTTOU) == 0);
	CHECK(wait_status(pid, WUNTRACED) == STOPPED(SIGTTOU) && count == 2);
	CHECK(send(pid, SIGCONT) == 0 && wait_status(pid, WCONTINUED) == CONTINUED);
	CHECK(count == 2);
	end(pid);
	CHECK(count == 3 && last.code == CLD_KILLED);
	CHECK(action_set(SIGCHLD, SIG_DFL, 0, 0) == 0);
}

/* What is sent to the stopped waits, but for SIGKILL; SIGCONT goes on though it is blocked. */
static void signals_meanwhile(void)
{
	long pid = idle_job();

	CHECK(send(pid, SIGSTOP) == 0 && wait_status(pid, WUNTRACED) == STOPPED(SIGSTOP));
	CHECK(send(pid, SIGTERM) == 0);
	for (int turns = 0; turns < 3; turns++)
		sys0(SYS_sched_yield);
	CHECK(sys6(SYS_wait4, pid, 0, WNOHANG, 0, 0, 0) == 0);
	CHECK(send(pid, SIGCONT) == 0 && wait_status(pid, 0) == SIGTERM);
	CHECK(mask_change(SIG_BLOCK, bit(SIGCONT), NULL) == 0);
	pid = idle_job();
	CHECK(mask_change(SIG_SETMASK, 0, NULL) == 0);
	CHECK(send(pid, SIGSTOP) == 0 && wait_status(pid, WUNTRACED) == STOPPED(SIGSTOP));
	CHECK(send(pid, SIGCONT) == 0 && wait_status(pid, WCONTINUED) == CONTINUED);
	CHECK(send(pid, SIGSTOP) == 0 && wait_status(pid, WUNTRACED) == STOPPED(SIGSTOP));
	end(pid);
}

/* A stop takes a pending SIGCONT back and the other way round. */
static void opposites(long arg)
{
	uint64_t both = bit(SIGCONT) | bit(SIGTSTP), pending = 0;

	(void)arg;
	handle(SIGCONT, on_signal, 0);
	mask_change(SIG_BLOCK, both, NULL);
	kill_self(SIGCONT);
	kill_self(SIGTSTP);
	sys3(SYS_rt_sigpending, (long)&pending, 8, 0);
	child_check(pending == bit(SIGTSTP), 2);
	kill_self(SIGCONT);
	sys3(SYS_rt_sigpending, (long)&pending, 8, 0);
	child_check(pending == bit(SIGCONT), 3);
	count = 0;
	mask_change(SIG_UNBLOCK, both, NULL);
	child_check(count == 1, 4);
}

/* A handler for a stop signal runs, ignored it is nothing; SIGSTOP asks nobody. */
static void not_the_default(long arg)
{
	(void)arg;
	count = 0;
	handle(SIGTSTP, on_signal, 0);
	kill_self(SIGTSTP);
	child_check(count == 1, 2);
	action_set(SIGTSTP, SIG_IGN, 0, 0);
	kill_self(SIGTSTP);
	action_set(SIGTSTP, SIG_DFL, 0, 0);
	mask_change(SIG_SETMASK, UINT64_MAX, NULL);
	kill_self(SIGTSTP);
	kill_self(SIGSTOP);
	sys_exit(5);
}

static void stops_only_by_default(void)
{
	long pid;

	CHECK(run_child(opposites, 0) == 0);
	pid = fork_job();
	if (!pid)
		not_the_default(0);
	CHECK(wait_status(pid, WUNTRACED) == STOPPED(SIGSTOP));
	CHECK(send(pid, SIGCONT) == 0 && wait_status(pid, 0) == 5 << 8);
}

/* Stopped in the middle of a sleep of @ns; false when that was over before the stop came. */
static int stopped_asleep(int64_t ns)
{
	int64_t time[2] = {0, ns}, before[2], after[2];
	long pid;
	int status;

	sys3(SYS_clock_gettime, 1, (long)before, 0);
	pid = fork_or_fail();
	if (!pid)
		sys_exit((int)sys3(SYS_nanosleep, (long)time, 0, 0));
	sys0(SYS_sched_yield);
	CHECK(send(pid, SIGSTOP) == 0);
	status = wait_status(pid, WUNTRACED);
	if (status == 0)
		return 0;
	CHECK(status == STOPPED(SIGSTOP));
	CHECK(send(pid, SIGCONT) == 0 && wait_status(pid, 0) == 0);
	sys3(SYS_clock_gettime, 1, (long)after, 0);
	CHECK((after[0] - before[0]) * 1000000000 + after[1] - before[1] >= time[1]);
	return 1;
}

/* A sleep that was stopped goes on with what was left of it. */
static void sleeps_on(void)
{
	int64_t ns = 4000000;

	while (!stopped_asleep(ns))
		ns *= 2;
}

/* In a group without a parent outside it SIGTSTP does not stop; SIGSTOP does. */
static void orphan_does_not_stop(long arg)
{
	(void)arg;
	sys0(SYS_setsid);
	kill_self(SIGTSTP);
	kill_self(SIGTTIN);
	kill_self(SIGTTOU);
}

/* The leader's child is stopped in a group of its own; by the leader's end it gets SIGHUP. */
static void leaves_stopped_child(long pipe_out)
{
	long pid;

	sys0(SYS_setsid);
	pid = sys_fork();
	if (!pid) {
		sys3(SYS_setpgid, 0, 0, 0);
		kill_self(SIGSTOP);
		sys_exit(1);
	}
	child_check(wait_status(pid, WUNTRACED) == STOPPED(SIGSTOP), 2);
	sys3(SYS_write, pipe_out, (long)&pid, sizeof(pid));
}

/* The end of the pipe comes when both are gone: the leader by itself, its child by SIGHUP. */
static void orphans(void)
{
	int ends[2];
	long pid = 0;

	CHECK(run_child(orphan_does_not_stop, 0) == 0);
	CHECK(sys3(SYS_pipe2, (long)ends, 0, 0) == 0);
	CHECK(run_child(leaves_stopped_child, ends[1]) == 0);
	sys3(SYS_close, ends[1], 0, 0);
	CHECK(sys3(SYS_read, ends[0], (long)&pid, sizeof(pid)) == sizeof(pid) && pid > 0);
	CHECK(sys3(SYS_read, ends[0], (long)&pid, sizeof(pid)) == 0);
	sys3(SYS_close, ends[0], 0, 0);
}

/* Children of who wants none of them are gone at once, and wait finds nobody. */
static void no_zombies(void)
{
	CHECK(action_set(SIGCHLD, SIG_DFL, SA_NOCLDWAIT, 0) == 0);
	if (!fork_or_fail())
		sys_exit(0);
	CHECK(sys_wait(-1, NULL) == -ECHILD);
	CHECK(action_set(SIGCHLD, SIG_DFL, 0, 0) == 0);
}

void test_main(const uint64_t *stack)
{
	(void)stack;
	told_once();
	told_by_waitid();
	told_by_signal();
	signals_meanwhile();
	stops_only_by_default();
	sleeps_on();
	orphans();
	no_zombies();
}
