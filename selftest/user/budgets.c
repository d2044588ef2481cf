/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * P-M14-20: SCHED_DEADLINE from ring 3. Who may have a budget, and how much; beside a hog of
 * SCHED_FIFO a thread has its budget and no more; a yield ends its period; it has no children.
 */
#include "selftest/user/signals.h"

#define SYS_sched_setparam     142
#define SYS_sched_setscheduler 144
#define SYS_sched_setaffinity  203
#define SYS_sched_setattr      314
#define SYS_sched_getattr      315

#define SCHED_OTHER    0
#define SCHED_FIFO     1
#define SCHED_DEADLINE 6
#define MONOTONIC      1
#define THREAD_CPU     3
#define EBUSY          16
#define SOMEBODY       54321
#define ROUNDS         3
#define LOOKS          10
#define MS             1000000ul
#define RUNTIME        (2 * MS)
#define PERIOD         (10 * MS)

struct attr {
	uint32_t size, policy;
	uint64_t flags;
	int32_t nice;
	uint32_t priority;
	uint64_t runtime, deadline, period;
};

static long set(uint32_t policy, uint64_t runtime, uint64_t period)
{
	struct attr attr = {sizeof(attr), policy, 0, 0, 0, runtime, period, period};

	return sys3(SYS_sched_setattr, 0, (long)&attr, 0);
}

static uint64_t clock_ns(int clock)
{
	int64_t now[2] = {0, 0};

	child_check(sys3(SYS_clock_gettime, clock, (long)now, 0) == 0, 10);
	return (uint64_t)(now[0] * 1000000000 + now[1]);
}

static void who_may(long arg)
{
	struct attr now = {0};

	(void)arg;
	child_check(set(SCHED_DEADLINE, 96 * MS, 100 * MS) == -EBUSY, 2);
	child_check(set(SCHED_DEADLINE, 95 * MS, 100 * MS) == 0, 3);
	child_check(set(SCHED_DEADLINE, 94 * MS, 100 * MS) == 0, 4);
	child_check(set(SCHED_DEADLINE, 2 * PERIOD, PERIOD) == -EINVAL, 5);
	child_check(sys6(SYS_sched_getattr, 0, (long)&now, sizeof(now), 0, 0, 0) == 0, 6);
	child_check(now.policy == SCHED_DEADLINE && now.runtime == 94 * MS, 7);
	child_check(sys_fork() == -EAGAIN, 8);
	child_check(set(SCHED_OTHER, 0, 0) == 0, 9);
	child_check(sys3(SYS_setresuid, SOMEBODY, SOMEBODY, SOMEBODY) == 0, 11);
	child_check(set(SCHED_DEADLINE, RUNTIME, PERIOD) == -EPERM, 12);
}

/* What a process had is there again when it has ended. */
static void room_comes_back(void)
{
	for (int i = 0; i < 2; i++)
		CHECK(run_child(who_may, 0) == 0);
}

static void hog(void)
{
	int priority = 98;

	child_check(sys3(SYS_sched_setscheduler, 0, SCHED_FIFO, (long)&priority) == 0, 2);
	for (;;)
		__asm__ volatile("");
}

static void use(uint64_t ns)
{
	uint64_t begun = clock_ns(THREAD_CPU);

	while (clock_ns(THREAD_CPU) - begun < ns)
		;
}

/*
 * Behind a yield all that was too much is paid, so what was used since is a budget a period. The
 * host can stop the CPU just before the look, for longer than a budget: then the next yield pays
 * that.
 */
static int is_within(uint64_t begun, uint64_t used)
{
	for (int looks = 0; looks < LOOKS; looks++) {
		sys0(SYS_sched_yield);
		uint64_t used_by_now = clock_ns(THREAD_CPU) - used;
		uint64_t periods = (clock_ns(MONOTONIC) - begun) / PERIOD;

		if (used_by_now <= (periods + 1) * RUNTIME)
			return 1;
	}
	return 0;
}

/*
 * A yield is over at once if the host has stopped the CPU since the one before until behind the
 * period's end: then the next ones are looked at.
 */
static int a_yield_ends_the_period(void)
{
	for (int looks = 0; looks < LOOKS; looks++) {
		uint64_t begun = clock_ns(MONOTONIC);

		for (unsigned i = 0; i < ROUNDS; i++)
			sys0(SYS_sched_yield);
		if (clock_ns(MONOTONIC) - begun >= (ROUNDS - 1) * PERIOD)
			return 1;
	}
	return 0;
}

static void has_its_budget(long arg)
{
	uint64_t begun, used;

	(void)arg;
	begun = clock_ns(MONOTONIC);
	child_check(set(SCHED_DEADLINE, RUNTIME, PERIOD) == 0, 3);
	used = clock_ns(THREAD_CPU);
	for (unsigned i = 1; i <= ROUNDS; i++) {
		use(RUNTIME + RUNTIME / 2);
		child_check(is_within(begun, used), 4);
	}
	child_check(a_yield_ends_the_period(), 5);
}

void test_main(const uint64_t *stack)
{
	int status, best = 99;
	long pid;

	(void)stack;
	room_comes_back();
	CHECK(run_child(has_its_budget, 0) == 0);
	/* In front of the hog, which would keep it from its end. */
	child_check(sys3(SYS_sched_setscheduler, 0, SCHED_FIFO, (long)&best) == 0, 6);
	pid = sys_fork();
	if (pid == 0)
		hog();
	CHECK(pid > 0);
	CHECK(run_child(has_its_budget, 0) == 0);
	CHECK(sys3(SYS_kill, pid, SIGKILL, 0) == 0);
	CHECK(sys_wait(pid, &status) == pid && killed_by(status) == SIGKILL);
}
