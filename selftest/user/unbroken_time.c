/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * P-M14-19: RLIMIT_RTTIME. A SCHED_FIFO thread that does not sleep gets SIGXCPU at the soft limit
 * and is killed at the hard one; one that sleeps between, or is not real-time, is left alone.
 */
#include "selftest/user/signals.h"

#define SYS_getrlimit          97
#define SYS_getrusage          98
#define SYS_sched_setscheduler 144
#define SYS_setrlimit          160

#define RLIMIT_RTTIME   15
#define RUSAGE_THREAD   1
#define USAGE_WORDS     18 /* two times, then counts */
#define USAGE_VOLUNTARY 16
#define SCHED_FIFO      1
#define THREAD_CPU      3
#define SIGXCPU         24
#define MAP_SHARED      1
#define MS              1000000l
#define SECOND_US       1000000ul
#define BURSTS          6
#define CHILDREN        8
#define CALLS           64
#define ENOUGH          (3000 * MS) /* the limit has been missed */

static volatile int count, code;
static volatile int *shared;

static void on_limit(int signo, struct info *info, struct context *context)
{
	(void)signo;
	(void)context;
	code = info->code;
	count++;
	++*shared;
}

static int64_t used_ns(void)
{
	int64_t now[2] = {0, 0};

	child_check(sys3(SYS_clock_gettime, THREAD_CPU, (long)now, 0) == 0, 10);
	return now[0] * 1000000000 + now[1];
}

static void limit(uint64_t soft_us, uint64_t hard_us)
{
	uint64_t both[2] = {soft_us, hard_us};

	child_check(handle(SIGXCPU, on_limit, 0) == 0, 11);
	child_check(sys3(SYS_setrlimit, RLIMIT_RTTIME, (long)both, 0) == 0, 12);
}

static void be_realtime(void)
{
	int priority = 10;

	child_check(sys3(SYS_sched_setscheduler, 0, SCHED_FIFO, (long)&priority) == 0, 13);
}

/* Whether the limit or the class comes first. */
static void soft_limit(long class_first)
{
	uint64_t both[2] = {0, 0};
	int64_t begun;

	if (class_first)
		be_realtime();
	begun = used_ns();
	limit(2000, 1000 * SECOND_US);
	if (!class_first)
		be_realtime();
	while (!count && used_ns() < ENOUGH)
		;
	child_check(class_first || used_ns() - begun >= 2 * MS, 2);
	child_check(code == SI_KERNEL, 3);
	sys3(SYS_getrlimit, RLIMIT_RTTIME, (long)both, 0);
	child_check(both[0] == 2000 + SECOND_US && both[1] == 1000 * SECOND_US, 4);
}

static void hard_limit(long arg)
{
	(void)arg;
	limit(2000, 6000);
	be_realtime();
	while (used_ns() < ENOUGH)
		sys0(SYS_sched_yield);
}

static void inherits(long arg)
{
	(void)arg;
	action_set(SIGXCPU, SIG_DFL, 0, 0);
	while (used_ns() < ENOUGH)
		;
}

/* Calls that look for signals anew must not forget that the limit is reached. */
static void hard_limit_in_calls(long arg)
{
	(void)arg;
	limit(2000, 3000);
	be_realtime();
	while (used_ns() < ENOUGH)
		for (int i = 0; i < CALLS; i++)
			mask_change(SIG_SETMASK, 0, NULL);
}

/* Of a class that the limit does not concern; a child of one that it does. */
static void other_class(long arg)
{
	int64_t begun = used_ns();

	(void)arg;
	limit(4000, 1000 * SECOND_US);
	while (used_ns() - begun < 10 * MS)
		;
	child_check(!count, 2);
	be_realtime();
	child_check(killed_by(run_child(inherits, 0)) == SIGXCPU, 3);
}

/* How often it has slept. */
static int64_t sleeps(void)
{
	int64_t usage[USAGE_WORDS] = {0};

	child_check(sys3(SYS_getrusage, RUSAGE_THREAD, (long)usage, 0) == 0, 14);
	return usage[USAGE_VOLUNTARY];
}

/*
 * What it has used from one sleep to the next, the way into the sleep and out of it included. One
 * whose time has come before it slept, on a host that is busy, does not sleep.
 */
static int64_t use_and_sleep(void)
{
	int64_t begun = used_ns(), before = sleeps(), time[2] = {0, MS};

	while (used_ns() - begun < 2 * MS)
		;
	do
		sys3(SYS_nanosleep, (long)time, 0, 0);
	while (sleeps() == before);
	return used_ns() - begun;
}

/* On a host that is busy it can be more than it wants to be: then the limit is right. */
static void sleeps_between(long arg)
{
	int64_t longest = 0;

	(void)arg;
	limit(8000, 1000 * SECOND_US);
	be_realtime();
	for (int i = 0; i < BURSTS; i++) {
		int64_t ns = use_and_sleep();

		longest = ns > longest ? ns : longest;
	}
	child_check(!count || longest > 7 * MS, 2);
}

void test_main(const uint64_t *stack)
{
	(void)stack;
	shared = (int *)sys_mmap(NULL, PAGE, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS);
	CHECK(!mmap_failed((void *)shared));
	CHECK(run_child(soft_limit, 0) == 0);
	CHECK(run_child(soft_limit, 1) == 0);
	*shared = 0;
	CHECK(killed_by(run_child(hard_limit, 0)) == SIGKILL);
	/* None when it got past both limits before anybody could look. */
	CHECK(*shared <= 1);
	for (int i = 0; i < CHILDREN; i++)
		CHECK(killed_by(run_child(hard_limit_in_calls, 0)) == SIGKILL);
	CHECK(run_child(other_class, 0) == 0);
	CHECK(run_child(sleeps_between, 0) == 0);
}
