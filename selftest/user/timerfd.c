/* SPDX-License-Identifier: BSD-2-Clause */
/* P-M14-09: a timerfd counts its expirations, never early, and follows the clock it goes by. */
#include "selftest/user/user.h"

#define SYS_clock_settime   227
#define SYS_timerfd_create  283
#define SYS_timerfd_settime 286
#define SYS_timerfd_gettime 287

#define REALTIME      0
#define MONOTONIC     1
#define NONBLOCK      04000
#define ABSTIME       1
#define CANCEL_ON_SET 2
#define ECANCELED     125

#define SECOND 1000000000l
#define MS     1000000l

struct setting {
	long interval[2], value[2];
};

static long now(int clock)
{
	long time[2] = {-1, 0};

	sys3(SYS_clock_gettime, clock, (long)time, 0);
	return time[0] * SECOND + time[1];
}

static int make(int clock, int flags)
{
	return (int)sys3(SYS_timerfd_create, clock, flags, 0);
}

static long set(int fd, int flags, long value, long interval)
{
	struct setting setting = {{interval / SECOND, interval % SECOND},
				  {value / SECOND, value % SECOND}};

	return sys6(SYS_timerfd_settime, fd, flags, (long)&setting, 0, 0, 0);
}

static long left(int fd)
{
	struct setting setting;

	CHECK(sys3(SYS_timerfd_gettime, fd, (long)&setting, 0) == 0);
	return setting.value[0] * SECOND + setting.value[1];
}

static long take(int fd)
{
	uint64_t value;
	long result = sys3(SYS_read, fd, (long)&value, 8);

	return result == 8 ? (long)value : result;
}

static void pause_ns(long ns)
{
	const long time[2] = {0, ns};

	sys3(SYS_nanosleep, (long)time, 0, 0);
}

static void once(void)
{
	int fd = make(MONOTONIC, 0);
	long start = now(MONOTONIC);

	CHECK(fd > 0 && left(fd) == 0 && set(fd, 0, 1000 * SECOND, 0) == 0);
	CHECK(left(fd) > 900 * SECOND && left(fd) <= 1000 * SECOND);
	CHECK(set(fd, 0, 3 * MS, 0) == 0);
	CHECK(take(fd) == 1 && now(MONOTONIC) - start >= 3 * MS && left(fd) == 0);
	start = now(MONOTONIC) + 2 * MS;
	CHECK(set(fd, ABSTIME, start, 0) == 0);
	CHECK(take(fd) == 1 && now(MONOTONIC) >= start);
	CHECK(set(fd, ABSTIME, 1, 0) == 0 && take(fd) == 1); /* long past */
	CHECK(sys3(SYS_close, fd, 0, 0) == 0);
}

/* What was missed is counted, and the next one stays in step. */
static void periodic(void)
{
	int fd = make(MONOTONIC, NONBLOCK);
	long start = now(MONOTONIC), count = 0, result;

	CHECK(take(fd) == -EAGAIN && set(fd, 0, MS, MS) == 0);
	pause_ns(5 * MS);
	result = take(fd);
	CHECK(result >= 5 && result <= (now(MONOTONIC) - start) / MS);
	CHECK(left(fd) > 0 && left(fd) <= MS);
	count = result;
	pause_ns(3 * MS);
	CHECK((result = take(fd)) >= 3);
	count += result;
	CHECK(count <= (now(MONOTONIC) - start) / MS);
	CHECK(set(fd, 0, 0, MS) == 0 && left(fd) == 0 && take(fd) == -EAGAIN);
	/* An interval that no machine keeps up with stops nothing. */
	CHECK(set(fd, 0, 1, 1) == 0);
	pause_ns(MS);
	CHECK(take(fd) > 900000);
	CHECK(sys3(SYS_close, fd, 0, 0) == 0);
}

static long step(long ns)
{
	const long to = now(REALTIME) + ns, time[2] = {to / SECOND, to % SECOND};

	return sys3(SYS_clock_settime, REALTIME, (long)time, 0);
}

static void by_the_clock(void)
{
	int told = make(REALTIME, NONBLOCK), fd = make(REALTIME, NONBLOCK);
	long lag = now(REALTIME) - now(MONOTONIC), there = now(REALTIME) + 500 * SECOND, back[2];

	CHECK(set(fd, ABSTIME, there, 0) == 0);
	CHECK(set(told, ABSTIME | CANCEL_ON_SET, there, 0) == 0);
	CHECK(take(fd) == -EAGAIN && take(told) == -EAGAIN);
	CHECK(step(-1000 * SECOND) == 0);
	CHECK(left(fd) > 1000 * SECOND && take(told) == -ECANCELED && take(told) == -EAGAIN);
	CHECK(step(2000 * SECOND) == 0);
	pause_ns(MS);
	CHECK(take(fd) == 1 && take(told) == -ECANCELED);
	CHECK(set(fd, 0, 400 * SECOND, 0) == 0); /* relative: by no clock */
	CHECK(step(-1000 * SECOND) == 0 && left(fd) <= 400 * SECOND);
	lag += now(MONOTONIC);
	back[0] = lag / SECOND;
	back[1] = lag % SECOND;
	CHECK(sys3(SYS_clock_settime, REALTIME, (long)back, 0) == 0);
	CHECK(sys3(SYS_close, fd, 0, 0) == 0 && sys3(SYS_close, told, 0, 0) == 0);
}

static void refusals(void)
{
	int fd = make(MONOTONIC, 0);
	struct setting bad = {{0, 0}, {0, SECOND}};

	CHECK(make(2, 0) == -EINVAL && make(4, 0) == -EINVAL && make(MONOTONIC, 1) == -EINVAL);
	CHECK(set(fd, 4, 1, 0) == -EINVAL && set(0, 0, 1, 0) == -EINVAL);
	CHECK(sys6(SYS_timerfd_settime, fd, 0, (long)&bad, 0, 0, 0) == -EINVAL);
	CHECK(sys3(SYS_write, fd, (long)&bad, 8) == -EINVAL);
	CHECK(sys3(SYS_close, fd, 0, 0) == 0);
}

void test_main(const uint64_t *stack)
{
	(void)stack;
	once();
	periodic();
	by_the_clock();
	refusals();
}
