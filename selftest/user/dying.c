/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * P-M8-06: timers, signals and children that come while a process ends neither revive it nor stay
 * behind with it.
 */
#include "selftest/user/service.h"
#include "selftest/user/signals.h"

#define SYS_setitimer          38
#define SYS_prctl              157
#define PR_SET_CHILD_SUBREAPER 36
#define ROUNDS                 12

static void arm_timer(long microseconds)
{
	int64_t times[4] = {0, 50, 0, microseconds};

	CHECK(sys3(SYS_setitimer, 0, (long)times, 0) == 0);
}

/* Ends with its timer about to go off, or going off. */
static void dies_with_timer(long round)
{
	uint64_t blocked = 1ull << (SIGALRM - 1);

	sys6(SYS_rt_sigprocmask, SIG_BLOCK, (long)&blocked, 0, 8, 0, 0);
	arm_timer(1 + round * 40);
	for (long i = 0; i < round; i++)
		sys0(SYS_getppid);
}

/* Ends while its own children end, live and are zombies. */
static void dies_with_children(long round)
{
	for (long i = 0; i < 3; i++) {
		if (sys_fork() == 0) {
			for (long turn = 0; turn < i * round; turn++)
				sys0(SYS_sched_yield);
			sys_exit(1);
		}
	}
}

/* Ends with signals pending that it never took. */
static void dies_with_signals(long round)
{
	uint64_t blocked = ~0ull;
	long self = sys0(SYS_getpid);

	sys6(SYS_rt_sigprocmask, SIG_BLOCK, (long)&blocked, 0, 8, 0, 0);
	for (long i = 0; i <= round; i++)
		CHECK(sys3(SYS_kill, self, SIGRT + i % 8, 0) == 0);
}

/* Its parent shoots at it all the time, until it is gone. */
static void shoot_at_dying(void)
{
	int status = -1;
	long pid = sys_fork();

	if (pid == 0)
		sys_exit(8);
	CHECK(pid > 0);
	for (int i = 0; i < 5; i++) {
		CHECK(sys3(SYS_kill, pid, SIGCONT, 0) == 0);
		sys0(SYS_sched_yield);
	}
	CHECK(sys_wait(pid, &status) == pid && status == 8 << 8);
	CHECK(sys3(SYS_kill, pid, SIGCONT, 0) == -ESRCH);
}

static void one_round(long round)
{
	CHECK(run_child(dies_with_timer, round) == 0);
	CHECK(run_child(dies_with_children, round) == 0);
	CHECK(run_child(dies_with_signals, round) == 0);
	shoot_at_dying();
	/* The orphans come to this process: it collects them all. */
	while (sys_wait(-1, NULL) > 0)
		;
}

void test_main(const uint64_t *stack)
{
	struct state before, after;

	(void)stack;
	CHECK(sys3(SYS_prctl, PR_SET_CHILD_SUBREAPER, 1, 0) == 0);
	one_round(3);
	before = state_now();
	for (long round = 0; round < ROUNDS; round++)
		one_round(round);
	after = state_now();
	CHECK(same_state(&before, &after));
}
