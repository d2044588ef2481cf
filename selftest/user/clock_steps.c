/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * P-M14-09: the real time can be set, by root alone; who sleeps to a time of day wakes when it is
 * that time by the clock as it stands then. The clock goes back to what it was at the end.
 */
#include "selftest/user/user.h"

#define SYS_gettimeofday    96
#define SYS_setresuid       117
#define SYS_settimeofday    164
#define SYS_clock_settime   227
#define SYS_clock_nanosleep 230

#define REALTIME      0
#define MONOTONIC     1
#define TIMER_ABSTIME 1
#define WNOHANG       1

#define SECOND 1000000000l
#define MS     1000000l

static long now(int clock)
{
	long time[2] = {-1, 0};

	sys3(SYS_clock_gettime, clock, (long)time, 0);
	return time[0] * SECOND + time[1];
}

static long set(long ns)
{
	const long time[2] = {ns / SECOND, ns % SECOND};

	return sys3(SYS_clock_settime, REALTIME, (long)time, 0);
}

static long step(long ns)
{
	return set(now(REALTIME) + ns);
}

static long sleep_until(int clock, long ns)
{
	const long time[2] = {ns / SECOND, ns % SECOND};

	return sys6(SYS_clock_nanosleep, clock, TIMER_ABSTIME, (long)time, 0, 0, 0);
}

/* A child that ends with 0 when it is @ns by the clock, and with 1 when it woke too early. */
static long sleeper(long ns)
{
	long pid = sys_fork();

	if (pid == 0) {
		long result = sleep_until(REALTIME, ns);

		sys_exit(result == 0 && now(REALTIME) >= ns ? 0 : 1);
	}
	return pid;
}

static int is_asleep(long pid)
{
	const long a_moment[2] = {0, 5 * MS};

	sys3(SYS_nanosleep, (long)a_moment, 0, 0);
	return sys6(SYS_wait4, pid, 0, WNOHANG, 0, 0, 0) == 0;
}

static int ended_well(long pid)
{
	int status = -1;

	return sys_wait(pid, &status) == pid && status == 0;
}

static void steps_reach_sleepers(void)
{
	long start = now(REALTIME);
	long far = sleeper(start + 1000 * SECOND), near = sleeper(start + 500 * SECOND);

	CHECK(far > 0 && near > 0);
	CHECK(step(-1000 * SECOND) == 0);
	CHECK(is_asleep(far) && is_asleep(near));
	CHECK(step(1500 * SECOND) == 0);
	CHECK(ended_well(near) && is_asleep(far));
	CHECK(step(500 * SECOND) == 0);
	CHECK(ended_well(far));
	CHECK(step(-1000 * SECOND) == 0);
	CHECK(now(REALTIME) - start < 100 * SECOND);
}

/* What is past needs no sleep, and a time since boot is not the clock's. */
static void other_sleeps(void)
{
	long since_boot = now(MONOTONIC);

	CHECK(sleep_until(REALTIME, now(REALTIME) - SECOND) == 0);
	CHECK(step(-1000 * SECOND) == 0);
	CHECK(sleep_until(MONOTONIC, since_boot + MS) == 0 && now(MONOTONIC) >= since_boot + MS);
	CHECK(step(1000 * SECOND) == 0);
}

static void as_a_user(long unused)
{
	const long time[2] = {now(REALTIME) / SECOND, 0}, zone = 0;
	int refused = sys3(SYS_setresuid, 1000, 1000, 1000) == 0 &&
		      sys3(SYS_clock_settime, REALTIME, (long)time, 0) == -EPERM &&
		      sys3(SYS_settimeofday, (long)time, 0, 0) == -EPERM &&
		      sys3(SYS_settimeofday, 0, (long)&zone, 0) == -EPERM;

	(void)unused;
	sys_exit(refused ? 0 : 1);
}

static void refusals(void)
{
	static const long bad[][2] = {{-1, 0}, {1, SECOND}, {1, -1}, {0, 0}, {1l << 40, 0}};
	const int32_t zones[][2] = {{901, 0}, {-901, 0}};
	long before = now(REALTIME), time[2] = {1, 0};

	for (unsigned i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		CHECK(sys3(SYS_clock_settime, REALTIME, (long)bad[i], 0) == -EINVAL);
	for (int clock = MONOTONIC; clock < 12; clock++)
		CHECK(sys3(SYS_clock_settime, clock, (long)time, 0) == -EINVAL);
	for (unsigned i = 0; i < 2; i++)
		CHECK(sys3(SYS_settimeofday, 0, (long)zones[i], 0) == -EINVAL);
	CHECK(run_child(as_a_user, 0) == 0);
	CHECK(now(REALTIME) >= before && now(REALTIME) - before < 100 * SECOND);
}

/* The zone is kept for whoever asks; the kernel's own times are UTC. */
static void zone_is_kept(void)
{
	const int32_t zone[2] = {-60, 1}, none[2] = {0, 0};
	int32_t got[2] = {5, 5};

	CHECK(sys3(SYS_settimeofday, 0, (long)zone, 0) == 0);
	CHECK(sys3(SYS_gettimeofday, 0, (long)got, 0) == 0 && got[0] == -60 && got[1] == 1);
	CHECK(sys3(SYS_settimeofday, 0, (long)none, 0) == 0);
}

void test_main(const uint64_t *stack)
{
	long lag = now(REALTIME) - now(MONOTONIC);

	(void)stack;
	steps_reach_sleepers();
	other_sleeps();
	zone_is_kept();
	CHECK(set(lag + now(MONOTONIC)) == 0);
	refusals();
}
