/* SPDX-License-Identifier: BSD-2-Clause */
/* Nice values, scheduling classes and priorities of input and output: what can be had, and by whom.
 */
#include <errno.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "rules.h"

#define NOBODY_KNOWS 999999
#define SOMEBODY     54323

static long nice_of(int which, int who)
{
	long got = syscall(SYS_getpriority, which, who);

	return got < 0 ? -errno : 20 - got;
}

static long set_nice(int which, int who, int nice)
{
	return result(syscall(SYS_setpriority, which, who, nice));
}

static void nices(void)
{
	show("at first", nice_of(PRIO_PROCESS, 0));
	show("to 5", set_nice(PRIO_PROCESS, 0, 5));
	show("it is", nice_of(PRIO_PROCESS, getpid()));
	show("cut at 19", (set_nice(PRIO_PROCESS, 0, 100), nice_of(PRIO_PROCESS, 0)));
	show("root goes up", set_nice(PRIO_PROCESS, 0, -5));
	show("it is", nice_of(PRIO_PROCESS, 0));
	show("cut at -20", (set_nice(PRIO_PROCESS, 0, -100), nice_of(PRIO_PROCESS, 0)));
	show("nice(21)", (errno = 0, nice(21)));
	show("unknown kind", nice_of(3, 0));
	show("unknown kind", set_nice(-1, 0, 0));
	show("nobody", nice_of(PRIO_PROCESS, NOBODY_KNOWS));
	show("no group", nice_of(PRIO_PGRP, NOBODY_KNOWS));
	show("no user's", nice_of(PRIO_USER, NOBODY_KNOWS));
	show("nobody to change", set_nice(PRIO_PGRP, NOBODY_KNOWS, 0));
	set_nice(PRIO_PROCESS, 0, 3);
	if (fork() == 0)
		_exit((int)nice_of(PRIO_PROCESS, 0));
	int status;
	wait(&status);
	show_status("a child has it too", status);
}

static void groups(void)
{
	pid_t pid = fork();

	if (pid == 0)
		for (;;)
			pause();
	setpgid(pid, pid);
	set_nice(PRIO_PROCESS, pid, 7);
	show("a group's", nice_of(PRIO_PGRP, pid));
	show("all of a group", set_nice(PRIO_PGRP, pid, 9));
	show("it is", nice_of(PRIO_PROCESS, pid));
	kill(pid, 9);
	wait(NULL);
}

static long policy(int pid, int policy, int priority)
{
	struct sched_param param = {.sched_priority = priority};

	return result(syscall(SYS_sched_setscheduler, pid, policy, &param));
}

static long param(int pid, int priority)
{
	struct sched_param param = {.sched_priority = priority};

	return result(syscall(SYS_sched_setparam, pid, &param));
}

static long policy_now(void)
{
	return result(syscall(SYS_sched_getscheduler, 0));
}

static void classes(void)
{
	static const int policies[] = {0, 1, 2, 3, 4, 5, 6, 99, -1};
	struct sched_param now;
	char text[60];

	for (unsigned i = 0; i < sizeof(policies) / sizeof(policies[0]); i++) {
		snprintf(text, sizeof(text), "class %d: most", policies[i]);
		show(text, result(sched_get_priority_max(policies[i])));
		snprintf(text, sizeof(text), "class %d: least", policies[i]);
		show(text, result(sched_get_priority_min(policies[i])));
	}
	show("SCHED_BATCH", policy(0, SCHED_BATCH, 0));
	show("it is", policy_now());
	show("SCHED_IDLE", policy(0, SCHED_IDLE, 0));
	show("SCHED_OTHER with a priority", policy(0, SCHED_OTHER, 1));
	show("SCHED_FIFO without", policy(0, SCHED_FIFO, 0));
	show("SCHED_FIFO with too much", policy(0, SCHED_FIFO, 100));
	show("SCHED_RR", policy(0, SCHED_RR, 7));
	show("it is", policy_now());
	syscall(SYS_sched_getparam, 0, &now);
	show("its priority", now.sched_priority);
	show("another priority", param(0, 8));
	show("none", param(0, 0));
	show("SCHED_OTHER again", policy(0, SCHED_OTHER, 0));
	show("class 4", policy(0, 4, 0));
	show("class -1", policy(0, -1, 0));
	show("of -1", policy(-1, 0, 0));
	show("of nobody", policy(NOBODY_KNOWS, 0, 0));
	show("without a parameter", result(syscall(SYS_sched_setscheduler, 0, 0, NULL)));
	show("setparam without one", result(syscall(SYS_sched_setparam, 0, NULL)));
	show("getparam without one", result(syscall(SYS_sched_getparam, 0, NULL)));
	show("getscheduler of nobody", result(syscall(SYS_sched_getscheduler, NOBODY_KNOWS)));
	show("getscheduler of -1", result(syscall(SYS_sched_getscheduler, -1)));
	show("reset on fork", policy(0, SCHED_FIFO | SCHED_RESET_ON_FORK, 1));
	show("it is", policy_now());
	if (fork() == 0)
		_exit((int)policy_now());
	int status;
	wait(&status);
	show_status("a child's class", status);
	policy(0, SCHED_OTHER, 0);
}

static long io(int value)
{
	long set = result(syscall(SYS_ioprio_set, 1, 0, value));

	return set < 0 ? set : syscall(SYS_ioprio_get, 1, 0);
}

static void input_and_output(void)
{
	show("at first", syscall(SYS_ioprio_get, 1, 0));
	show("real time", io(1 << 13 | 4));
	show("best effort", io(2 << 13 | 7));
	show("idle", io(3 << 13));
	show("class 4", io(4 << 13));
	show("no class, a level", io(3));
	show("none", io(0));
	show("unknown kind", result(syscall(SYS_ioprio_get, 0, 0)));
	show("unknown kind", result(syscall(SYS_ioprio_set, 4, 0, 0)));
	show("nobody", result(syscall(SYS_ioprio_get, 1, NOBODY_KNOWS)));
}

static void as_a_user(void)
{
	pid_t parent = getppid();

	if (setresuid(SOMEBODY, SOMEBODY, SOMEBODY))
		_exit(1);
	show("user: down to 12", set_nice(PRIO_PROCESS, 0, 12));
	show("user: up again", set_nice(PRIO_PROCESS, 0, 11));
	show("user: another user's", set_nice(PRIO_PROCESS, parent, 15));
	show("user: SCHED_FIFO", policy(0, SCHED_FIFO, 1));
	show("user: SCHED_BATCH", policy(0, SCHED_BATCH, 0));
	show("user: SCHED_IDLE", policy(0, SCHED_IDLE, 0));
	show("user: back from it", policy(0, SCHED_OTHER, 0));
	show("user: another user's class", policy(parent, SCHED_BATCH, 0));
	show("user: real-time input and output", io(1 << 13));
	show("user: best effort", io(2 << 13 | 1));
	show("user: another user's", result(syscall(SYS_ioprio_set, 1, parent, 0)));
	_exit(0);
}

int main(void)
{
	struct rlimit none = {0, 0};

	setvbuf(stdout, NULL, _IOLBF, 0);
	if (getuid() != 0)
		return 77;
	setrlimit(RLIMIT_NICE, &none);
	setrlimit(RLIMIT_RTPRIO, &none);
	nices();
	groups();
	classes();
	input_and_output();
	if (fork() == 0)
		as_a_user();
	wait(NULL);
	return 0;
}
