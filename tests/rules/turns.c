/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The order of real-time threads on one CPU, who writes when; and RLIMIT_RTTIME. Nothing is timed:
 * where order is said, one CPU runs all.
 */
#include <pthread.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/wait.h>

#include "classes.h"

#define RTTIME 15

static void one_cpu(void)
{
	cpu_set_t set;

	CPU_ZERO(&set);
	CPU_SET(0, &set);
	if (sched_setaffinity(0, sizeof(set), &set))
		say("no affinity");
}

static volatile int *order, *next;

static void note(int who)
{
	order[(*next)++] = who;
}

static void say_order(void)
{
	for (int i = 0; i < *next; i++)
		say("%d", order[i]);
}

/* Everything that follows runs on one CPU, and this process before all others. */
static void begin_order(void)
{
	order = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	next = order + 1000;
	one_cpu();
	if (policy_set(0, FIFO, 90))
		say("no class");
}

static pid_t starts(int who, int policy, int priority, int yields)
{
	pid_t pid = fork();

	if (pid == 0) {
		policy_set(0, policy, priority);
		for (int i = 0; i <= yields; i++) {
			note(who);
			if (i < yields)
				sched_yield();
		}
		_exit(0);
	}
	return pid;
}

static void await_all(void)
{
	while (wait(NULL) > 0)
		;
	say_order();
}

RULE(order_of_priorities)
{
	static const int priorities[] = {10, 30, 20, 30, 5, 89};

	begin_order();
	for (int i = 0; i < 6; i++) {
		pid_t pid = starts(i, FIFO, 90, 0);

		policy_set(pid, FIFO, priorities[i]);
	}
	note(-1);
	await_all();
}

static void *notes_and_yields(void *who)
{
	for (int i = 0; i < 3; i++) {
		note((int)(intptr_t)who);
		sched_yield();
	}
	return NULL;
}

/* Threads inherit the class and the CPU: equals, which pass turns on by yields. */
RULE(order_of_yields)
{
	pthread_t threads[3];

	begin_order();
	for (int i = 0; i < 3; i++)
		pthread_create(&threads[i], NULL, notes_and_yields, (void *)(intptr_t)i);
	note(-1);
	for (int i = 0; i < 3; i++)
		pthread_join(threads[i], NULL);
	say_order();
}

/* Who makes himself worse than one that waits gives way at once; better, he takes over. */
RULE(order_by_changes)
{
	pid_t pid;

	begin_order();
	pid = fork();
	if (pid == 0) {
		note(1);
		policy_set(0, FIFO, 10);
		note(2);
		_exit(0);
	}
	note(0);
	policy_set(0, FIFO, 50);
	note(3);
	policy_set(0, FIFO, 5);
	note(4);
	await_all();
}

/* A lower one is woken and waits; a higher one runs within the write. */
RULE(order_of_wakes)
{
	static const int priorities[] = {80, 95};

	begin_order();
	for (int i = 0; i < 2; i++) {
		char byte = 0;
		int ends[2];
		pid_t pid;

		if (pipe(ends))
			return;
		pid = fork();
		if (pid == 0) {
			policy_set(0, FIFO, priorities[i]);
			if (read(ends[0], &byte, 1) == 1)
				note(10 + i);
			_exit(0);
		}
		wait_until_asleep(pid);
		note(i);
		if (write(ends[1], &byte, 1) != 1)
			return;
		note(20 + i);
		waitpid(pid, NULL, 0);
	}
	say_order();
}

/* An ordinary one waits for all that are real-time, however late they come. */
RULE(order_beside_ordinary)
{
	begin_order();
	starts(7, SCHED_OTHER, 0, 0);
	starts(1, FIFO, 1, 2);
	note(0);
	await_all();
}

/* --- RLIMIT_RTTIME --- */

static volatile sig_atomic_t limits;

static void on_limit(int number, siginfo_t *info, void *context)
{
	(void)number;
	(void)context;
	if (!limits++)
		say("code=%d", info->si_code);
}

static void spins_until_limit(void)
{
	struct sigaction action = {.sa_sigaction = on_limit, .sa_flags = SA_SIGINFO};
	struct rlimit limit = {20000, 3000000};

	sigaction(SIGXCPU, &action, NULL);
	ask("limit", setrlimit(RTTIME, &limit));
	policy_set(0, FIFO, 10);
	while (!limits)
		sched_yield();
	getrlimit(RTTIME, &limit);
	say("now=%lu of %lu", (unsigned long)limit.rlim_cur, (unsigned long)limit.rlim_max);
}

static void spins_for_ever(void)
{
	struct rlimit limit = {20000, 20000};

	setrlimit(RTTIME, &limit);
	policy_set(0, RR, 10);
	for (;;)
		;
}

static void spins_by_default(void)
{
	struct rlimit limit = {20000, RLIM_INFINITY};

	setrlimit(RTTIME, &limit);
	policy_set(0, FIFO, 10);
	for (;;)
		sched_yield();
}

RULE(unbroken_time_ends)
{
	say_status("signal", in_child(spins_until_limit));
	say_status("killed", in_child(spins_for_ever));
	say_status("by default", in_child(spins_by_default));
}
