/* SPDX-License-Identifier: BSD-2-Clause */
/* Clocks: what they agree on, what they refuse, by the C library (the vDSO) and by system call. */
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <sys/times.h>
#include <sys/timex.h>
#include <time.h>
#include <unistd.h>

#define SECOND 1000000000ll

static const int clocks[] = {0, 1, 2, 3, 4, 5, 6, 7, 11};
#define CLOCKS (sizeof(clocks) / sizeof(clocks[0]))

static long long by_library(int clock)
{
	struct timespec now = {-1, 0};

	clock_gettime(clock, &now);
	return now.tv_sec * SECOND + now.tv_nsec;
}

static long long by_call(int clock)
{
	struct timespec now = {-1, 0};

	syscall(SYS_clock_gettime, clock, &now);
	return now.tv_sec * SECOND + now.tv_nsec;
}

static void says(const char *what, long result)
{
	printf("%s: %ld %s\n", what, result, result < 0 ? strerror(errno) : "");
}

/* Coarse clocks may lag by a tick on Linux. */
static void agreement(void)
{
	for (unsigned i = 0; i < CLOCKS; i++) {
		long long slack = clocks[i] == 5 || clocks[i] == 6 ? SECOND / 50 : 0;
		int good = 0;

		for (int n = 0; n < 100; n++) {
			long long a = by_call(clocks[i]), b = by_library(clocks[i]),
				  c = by_call(clocks[i]);

			good += a <= b + slack && b <= c + slack && a > 0;
		}
		printf("clock %d: %d\n", clocks[i], good);
	}
	printf("realtime and tai: %d\n", (by_call(11) - by_call(0)) / SECOND == 0);
	printf("boot and monotonic: %d\n", (by_call(7) - by_call(1)) / SECOND < 5);
}

static void resolutions(void)
{
	struct timespec resolution;

	for (int clock = 0; clock < 14; clock++) {
		memset(&resolution, 0x5c, sizeof(resolution));
		if (clock == 5 || clock == 6 || clock == 8 || clock == 9)
			continue;
		says("getres", clock_getres(clock, &resolution));
		if (resolution.tv_sec == 0)
			printf("  %d: %ld\n", clock, resolution.tv_nsec);
	}
	says("getres into nothing", clock_getres(1, NULL));
}

static void refusals(void)
{
	struct timespec past = {0, 0}, bad = {0, SECOND}, negative = {-1, 0}, now;

	for (int clock = 1; clock < 13; clock++)
		says("settime", syscall(SYS_clock_settime, clock, &past));
	says("settime, nanoseconds", syscall(SYS_clock_settime, 0, &bad));
	says("settime, negative", syscall(SYS_clock_settime, 0, &negative));
	says("settime, nowhere", syscall(SYS_clock_settime, 0, NULL));
	says("settime, other and nowhere", syscall(SYS_clock_settime, 1, NULL));
	says("gettime 10", clock_gettime(10, &now));
	says("gettime 12", clock_gettime(12, &now));
	says("gettime 99", clock_gettime(99, &now));
	says("sleep, bad time", clock_nanosleep(1, 0, &bad, NULL));
	says("sleep, negative", clock_nanosleep(1, TIMER_ABSTIME, &negative, NULL));
	for (int clock = 3; clock < 7; clock++)
		says("sleep by a clock for reading",
		     syscall(SYS_clock_nanosleep, clock, 0, &past, NULL));
	says("sleep, clock 12", syscall(SYS_clock_nanosleep, 12, 0, &past, NULL));
	says("nanosleep, bad", nanosleep(&bad, NULL));
	says("sleep to the past", clock_nanosleep(0, TIMER_ABSTIME, &past, NULL));
	says("sleep of nothing", clock_nanosleep(1, 0, &past, NULL));
}

static void days(void)
{
	struct timeval day = {-1, -1}, wrong = {0, 1000000};
	struct timezone far = {901, 0};
	long long before = by_call(0) / SECOND;

	says("gettimeofday", gettimeofday(&day, NULL));
	printf("%d %d\n", day.tv_sec - before <= 1, day.tv_usec >= 0 && day.tv_usec < 1000000);
	says("gettimeofday of nothing", syscall(SYS_gettimeofday, NULL, NULL));
	says("settimeofday, microseconds", syscall(SYS_settimeofday, &wrong, NULL));
	says("settimeofday, zone", syscall(SYS_settimeofday, NULL, &far));
	says("settimeofday of nothing", syscall(SYS_settimeofday, NULL, NULL));
	printf("time: %d\n", time(NULL) - before <= 1);
}

static void sleeping(void)
{
	struct timespec pause = {0, 20000000}, until;
	long long start = by_library(1), cpu = by_library(2), busy;

	nanosleep(&pause, NULL);
	printf("slept: %d, used: %d\n", by_library(1) - start >= 20000000,
	       by_library(2) - cpu >= 15000000);
	start = by_library(0) + 20000000;
	until = (struct timespec){start / SECOND, start % SECOND};
	says("until", clock_nanosleep(0, TIMER_ABSTIME, &until, NULL));
	printf("reached: %d\n", by_library(0) >= start);
	busy = by_library(2);
	while (by_library(2) - busy < 20000000)
		;
	printf("worked: %d %d\n", by_library(3) >= 20000000, clock() >= 20000);
}

static void discipline(void)
{
	struct timex timex = {.modes = 0};
	int state = adjtimex(&timex);

	printf("adjtimex: %d %ld %ld %ld %ld\n", state >= 0, timex.offset, timex.precision,
	       timex.tolerance, timex.tick);
	timex.modes = ADJ_OFFSET_SS_READ;
	printf("adjtimex, left: %d %ld\n", adjtimex(&timex) >= 0, timex.offset);
	says("clock_adjtime 1", syscall(SYS_clock_adjtime, 1, &timex));
	says("clock_adjtime 10", syscall(SYS_clock_adjtime, 10, &timex));
	says("adjtimex nowhere", syscall(SYS_adjtimex, NULL));
}

int main(void)
{
	agreement();
	resolutions();
	refusals();
	days();
	sleeping();
	discipline();
	return 0;
}
