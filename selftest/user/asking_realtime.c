/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * P-M14-23: who may not set classes has of real time what RLIMIT_RTPRIO lets, what he has already,
 * and less; as Linux, where sched_setscheduler(2) says it.
 */
#include "selftest/user/signals.h"

#define SYS_sched_setparam     142
#define SYS_sched_setscheduler 144
#define SYS_setresuid          117
#define SYS_setrlimit          160

#define RLIMIT_RTPRIO 14
#define SOMEBODY      1000
#define SCHED_OTHER   0
#define SCHED_FIFO    1
#define SCHED_RR      2

static long policy(int which, int priority)
{
	return sys3(SYS_sched_setscheduler, 0, which, (long)&priority);
}

static long param(int priority)
{
	return sys3(SYS_sched_setparam, 0, (long)&priority, 0);
}

static void limit(uint64_t soft, uint64_t hard)
{
	uint64_t both[2] = {soft, hard};

	child_check(sys3(SYS_setrlimit, RLIMIT_RTPRIO, (long)both, 0) == 0, 100);
}

static void be_somebody(void)
{
	child_check(sys3(SYS_setresuid, SOMEBODY, SOMEBODY, SOMEBODY) == 0, 101);
}

static void without_limit(long arg)
{
	(void)arg;
	be_somebody();
	child_check(policy(SCHED_FIFO, 1) == -EPERM, 1);
	child_check(policy(SCHED_RR, 1) == -EPERM, 2);
}

/* The limit is as much as he may ask for; what is above it, in either class, is not his. */
static void up_to_the_limit(long arg)
{
	(void)arg;
	limit(5, 10);
	be_somebody();
	child_check(policy(SCHED_FIFO, 6) == -EPERM, 1);
	child_check(policy(SCHED_FIFO, 5) == 0, 2);
	child_check(param(6) == -EPERM, 3);
	child_check(policy(SCHED_RR, 6) == -EPERM, 4);
	child_check(policy(SCHED_RR, 5) == 0, 5);
	limit(10, 10);
	child_check(policy(SCHED_FIFO, 10) == 0, 6);
	child_check(param(11) == -EPERM, 7);
}

/* What he has he keeps, in the other class too, and gives up for good. */
static void above_the_limit(long arg)
{
	(void)arg;
	child_check(policy(SCHED_FIFO, 10) == 0, 1);
	limit(2, 2);
	be_somebody();
	child_check(policy(SCHED_FIFO, 10) == 0, 2);
	child_check(param(11) == -EPERM, 3);
	child_check(policy(SCHED_RR, 10) == 0, 4);
	child_check(param(4) == 0, 5);
	child_check(param(5) == -EPERM, 6);
	child_check(policy(SCHED_OTHER, 0) == 0, 7);
	child_check(policy(SCHED_RR, 3) == -EPERM, 8);
	child_check(policy(SCHED_RR, 2) == 0, 9);
}

/* A limit of 0 takes the other class away as well, but not what he has. */
static void nothing_left(long arg)
{
	(void)arg;
	child_check(policy(SCHED_FIFO, 10) == 0, 1);
	limit(0, 0);
	be_somebody();
	child_check(policy(SCHED_RR, 10) == -EPERM, 2);
	child_check(policy(SCHED_FIFO, 9) == 0, 3);
	child_check(param(10) == -EPERM, 4);
}

void test_main(const uint64_t *stack)
{
	(void)stack;
	CHECK(run_child(without_limit, 0) == 0);
	CHECK(run_child(up_to_the_limit, 0) == 0);
	CHECK(run_child(above_the_limit, 0) == 0);
	CHECK(run_child(nothing_left, 0) == 0);
}
