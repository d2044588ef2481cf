/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What docs/scheduler.md promises, in full seconds of the guest's own clock: one line a figure,
 * NAME VALUE BOUND. Run on one CPU with --icount, where a nanosecond is an instruction, the figures
 * are the same in every run. The program itself is a real-time process, so that it looks in time.
 */
#include <sched.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define MS         1000000ll
#define SECOND     (1000 * MS)
#define QUANTUM    (10 * MS)
#define LAG        (41 * MS) /* what a calendar can tell */
#define SETTLE     (200 * MS)
#define HOGS_MOST  20
#define WAKES      60
#define FIRST_USER 1000

static int64_t *shared; /* what a child found out */

static int64_t now(clockid_t clock)
{
	struct timespec time;

	clock_gettime(clock, &time);
	return time.tv_sec * SECOND + time.tv_nsec;
}

static void sleep_until(int64_t end)
{
	struct timespec time = {end / SECOND, end % SECOND};

	while (clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &time, NULL))
		;
}

static int64_t used(pid_t child)
{
	clockid_t clock;

	return clock_getcpuclockid(child, &clock) ? -1 : now(clock);
}

static void set_policy(int policy, int priority)
{
	struct sched_param param = {.sched_priority = priority};

	if (sched_setscheduler(0, policy, &param))
		perror("sched_setscheduler"), _exit(1);
}

/* A child that does @work as user @user, with a real-time priority or (0) without. */
static pid_t begin(unsigned user, void (*work)(void), int priority)
{
	pid_t child = fork();

	if (child)
		return child;
	set_policy(priority ? SCHED_FIFO : SCHED_OTHER, priority);
	if (setuid(FIRST_USER + user))
		perror("setuid"), _exit(1);
	work();
	_exit(0);
}

static void end(const pid_t *children, unsigned count)
{
	for (unsigned i = 0; i < count; i++)
		kill(children[i], SIGKILL);
	for (unsigned i = 0; i < count; i++)
		waitpid(children[i], NULL, 0);
}

static void hog(void)
{
	for (;;)
		__asm__ volatile("");
}

static void nice_hog(void)
{
	if (setpriority(PRIO_PROCESS, 0, 5))
		_exit(1);
	hog();
}

/* Gives the CPU away just before its quantum is over. */
static void yielder(void)
{
	for (;;) {
		int64_t start = now(CLOCK_PROCESS_CPUTIME_ID);

		while (now(CLOCK_PROCESS_CPUTIME_ID) - start < QUANTUM - MS / 10)
			;
		sched_yield();
	}
}

/* Sleeps for long, uses little; notes how late it was at the worst. */
static void interactive(void)
{
	for (unsigned i = 0; i < WAKES; i++) {
		int64_t start, wanted = now(CLOCK_MONOTONIC) + (5 + i * 7 % 20) * MS;

		sleep_until(wanted);
		start = now(CLOCK_MONOTONIC);
		if (start - wanted > shared[0])
			shared[0] = start - wanted;
		while (now(CLOCK_MONOTONIC) - start < MS / 5)
			;
	}
}

/* The longest time in which it did not run. */
static void lightest(void)
{
	int64_t last = now(CLOCK_MONOTONIC);

	set_policy(SCHED_IDLE, 0);
	for (;;) {
		int64_t time = now(CLOCK_MONOTONIC);

		if (time - last > shared[0])
			shared[0] = time - last;
		last = time;
	}
}

static void tell(const char *name, int64_t value, int64_t bound)
{
	printf("%s %lld %lld\n", name, (long long)value, (long long)bound);
}

static int64_t off(int64_t value, int64_t wanted)
{
	return llabs(value - wanted) * 1000 / wanted;
}

/*
 * What each child uses of a second, into @used_by, once @settle has passed: meanwhile some are the
 * user's already and some not yet. Return: how long the second was.
 */
static int64_t measure(const pid_t *children, unsigned count, int64_t settle, int64_t *used_by)
{
	int64_t start;

	sleep_until(now(CLOCK_MONOTONIC) + settle);
	start = now(CLOCK_MONOTONIC);
	for (unsigned i = 0; i < count; i++)
		used_by[i] = -used(children[i]);
	sleep_until(start + SECOND);
	for (unsigned i = 0; i < count; i++)
		used_by[i] += used(children[i]);
	return now(CLOCK_MONOTONIC) - start;
}

static void equal_processes(unsigned count)
{
	pid_t children[HOGS_MOST] = {0};
	int64_t used_by[HOGS_MOST], length, worst = 0;
	char name[40];

	for (unsigned i = 0; i < count; i++)
		children[i] = begin(0, hog, 0);
	length = measure(children, count, SETTLE, used_by);
	for (unsigned i = 0; i < count; i++)
		if (off(used_by[i], length / count) > worst)
			worst = off(used_by[i], length / count);
	end(children, count);
	snprintf(name, sizeof(name), "equal_%u_off_1/1000", count);
	tell(name, worst, 30);
}

/* One process of a user beside @count of another. */
static void two_users(unsigned count)
{
	pid_t children[HOGS_MOST + 1];
	int64_t used_by[HOGS_MOST + 1], length;

	for (unsigned i = 0; i <= count; i++)
		children[i] = begin(i > 0, hog, 0);
	length = measure(children, count + 1, SETTLE, used_by);
	end(children, count + 1);
	tell("user_of_1_beside_20_off_1/1000", off(used_by[0], length / 2), 30);
}

/* Of two, the second one's share in thousandths. */
static int64_t share_beside_a_hog(void (*work)(void))
{
	pid_t children[] = {begin(0, hog, 0), begin(0, work, 0)};
	int64_t used_by[2], length = measure(children, 2, SETTLE, used_by);

	end(children, 2);
	return used_by[1] * 1000 / length;
}

/* What @work, of the real-time priority @priority if there is one, noted beside eight hogs. */
static int64_t noted_beside_hogs(void (*work)(void), int priority)
{
	pid_t hogs[8], child;

	shared[0] = 0;
	for (unsigned i = 0; i < 8; i++)
		hogs[i] = begin(0, hog, 0);
	child = begin(0, work, priority);
	if (work == lightest) {
		sleep_until(now(CLOCK_MONOTONIC) + 3 * SECOND);
		kill(child, SIGKILL);
	}
	waitpid(child, NULL, 0);
	end(hogs, 8);
	return shared[0];
}

/* What a real-time hog leaves to an ordinary one, in thousandths. */
static int64_t left_by_realtime(void)
{
	pid_t children[] = {begin(0, hog, 10), begin(0, hog, 0)};
	/* The limit's own second may have begun before. */
	int64_t used_by[2], length = measure(children, 2, SECOND, used_by);

	end(children, 2);
	return used_by[1] * 1000 / length;
}

int main(void)
{
	shared = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	setvbuf(stdout, NULL, _IOLBF, 0);
	set_policy(SCHED_FIFO, 90);
	equal_processes(2);
	equal_processes(10);
	two_users(20);
	/* 335 of 1024 + 335, as on Linux. */
	tell("nice_5_beside_0_off_1/1000", off(share_beside_a_hog(nice_hog), 246), 30);
	tell("yielding_early_has_1/1000", share_beside_a_hog(yielder), 510);
	tell("interactive_beside_8_late_ns", noted_beside_hogs(interactive, 0), 2 * QUANTUM);
	tell("realtime_beside_8_late_ns", noted_beside_hogs(interactive, 50), MS / 20);
	tell("lightest_beside_8_waits_ns", noted_beside_hogs(lightest, 0), 8 * (LAG + 2 * QUANTUM));
	tell("realtime_hog_takes_1/1000", 1000 - left_by_realtime(), 960);
	return 0;
}
