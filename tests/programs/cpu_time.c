/* SPDX-License-Identifier: BSD-2-Clause */
/* CPU time: timers and intervals that count it, clocks of processes and threads, its limit. */
#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "rules.h"

#define MS 1000000l

/* struct sigevent as the kernel has it: libcs name its parts differently. */
struct event {
	union sigval value;
	int signo, notify, thread, pad[11];
};

static volatile sig_atomic_t count, code, thread_seen;

static void on_signal(int signo, siginfo_t *info, void *context)
{
	(void)signo;
	(void)context;
	count++;
	code = info->si_code;
	thread_seen = (sig_atomic_t)syscall(SYS_gettid);
}

static void handle(int signo)
{
	struct sigaction action = {.sa_sigaction = on_signal, .sa_flags = SA_SIGINFO | SA_RESTART};

	sigaction(signo, &action, NULL);
}

static int64_t now(clockid_t clock)
{
	struct timespec time;

	if (clock_gettime(clock, &time))
		return -errno;
	return time.tv_sec * 1000000000 + time.tv_nsec;
}

static void pass(int64_t ns)
{
	struct timespec time = {ns / 1000000000, ns % 1000000000};

	while (nanosleep(&time, &time) && errno == EINTR)
		;
}

static long create(clockid_t clock, int notify, int signo)
{
	struct event event = {.signo = signo, .notify = notify};
	int id = -1;

	event.value.sival_int = 4711;
	event.thread = (int)syscall(SYS_gettid);
	return syscall(SYS_timer_create, clock, &event, &id) ? -errno : id;
}

static long set(long id, int flags, int64_t first, int64_t interval)
{
	struct itimerspec time = {{interval / 1000000000, interval % 1000000000},
				  {first / 1000000000, first % 1000000000}};

	return result(syscall(SYS_timer_settime, id, flags, &time, NULL));
}

static void drop(long id)
{
	syscall(SYS_timer_delete, id);
}

static void until(int want)
{
	while (count < want)
		pass(MS);
}

static void by_cpu_time(clockid_t clock, const char *name)
{
	int64_t start = now(clock);
	long id = create(clock, SIGEV_SIGNAL, SIGUSR1);

	printf("- %s\n", name);
	count = 0;
	set(id, 0, 20 * MS, 0);
	pass(30 * MS);
	show("asleep it does not count", count);
	while (!count)
		;
	show("not early", now(clock) - start >= 20 * MS);
	show("si_code", code);
	set(id, 0, 10 * MS, 10 * MS);
	while (count < 4)
		;
	show("again and again", now(clock) - start >= 50 * MS);
	drop(id);
}

static void intervals(void)
{
	static const int signals[] = {SIGALRM, SIGVTALRM, SIGPROF};
	static const char *const names[] = {"ITIMER_REAL", "ITIMER_VIRTUAL", "ITIMER_PROF"};

	for (int kind = 0; kind < 3; kind++) {
		struct itimerval time = {{0, 5000}, {0, 20000}}, old;
		/* Linux counts CPU time for these by ticks: only the wall tells. */
		int64_t start = now(CLOCK_MONOTONIC);

		printf("- %s\n", names[kind]);
		count = 0;
		handle(signals[kind]);
		show("setitimer", result(setitimer(kind, &time, NULL)));
		getitimer(kind, &old);
		show("interval", old.it_interval.tv_usec);
		show("left", old.it_value.tv_usec > 0);
		while (count < 3)
			;
		show("not early", now(CLOCK_MONOTONIC) - start >= 15 * MS);
		show("si_code", code);
		memset(&time, 0, sizeof(time));
		setitimer(kind, &time, &old);
		show("old interval", old.it_interval.tv_usec);
		getitimer(kind, &old);
		show("off", old.it_value.tv_sec + old.it_value.tv_usec + old.it_interval.tv_usec);
	}
	show("unknown kind", result(setitimer(3, &(struct itimerval){{0, 0}, {0, 0}}, NULL)));
	show("a million microseconds",
	     result(setitimer(0, &(struct itimerval){{0, 0}, {0, 1000000}}, NULL)));
	show("negative seconds", result(setitimer(0, &(struct itimerval){{0, 0}, {-1, 0}}, NULL)));
	show("alarm(100)", alarm(100));
	show("alarm(0) tells what was left", alarm(0));
}

static void *thread(void *clock)
{
	clockid_t own;

	pthread_getcpuclockid(pthread_self(), &own);
	show("a thread's clock by its number", now(own) >= 0);
	show("and its own", now(CLOCK_THREAD_CPUTIME_ID) >= now(own) || now(own) > 0);
	show("another thread's", now(*(clockid_t *)clock) > 0);
	return NULL;
}

static void clocks(void)
{
	clockid_t own, other;
	pthread_t one;
	pid_t pid = fork();
	long got;

	if (pid == 0)
		for (;;)
			pause();
	show("clock_getcpuclockid", clock_getcpuclockid(getpid(), &own));
	show("a process's clock by its number", now(own) > 0);
	show("another process's", (clock_getcpuclockid(pid, &other), now(other) >= 0));
	show("another process's thread", now(other | 4));
	kill(pid, SIGKILL);
	waitpid(pid, NULL, 0);
	show("of nobody: clock_getcpuclockid", clock_getcpuclockid(999999, &other));
	got = now((clockid_t)(~999999u << 3 | 2));
	show("of nobody: clock_gettime", got);
	show("a timer on its own number", (got = create(own, SIGEV_SIGNAL, SIGUSR1)) >= 0);
	drop(got);
	pthread_getcpuclockid(pthread_self(), &own);
	pthread_create(&one, NULL, thread, &own);
	pthread_join(one, NULL);
	got = create(CLOCK_MONOTONIC, SIGEV_THREAD_ID | SIGEV_SIGNAL, SIGUSR1);
	count = 0;
	set(got, 0, MS, 0);
	until(1);
	show("SIGEV_THREAD_ID comes to its thread", thread_seen == (int)syscall(SYS_gettid));
	drop(got);
}

static void limits(void)
{
	struct rlimit pending = {3, 3}, cpu = {0, 100};
	int status, made = 0;

	fflush(stdout);
	if (fork() == 0) {
		setresuid(54322, 54322, 54322);
		setrlimit(RLIMIT_SIGPENDING, &pending);
		long got = 0;

		while (made < 50 && (got = create(CLOCK_MONOTONIC, SIGEV_NONE, 0)) >= 0)
			made++;
		if (getuid() != 54322)
			made = 3, got = -EAGAIN;
		printf("RLIMIT_SIGPENDING 3: %d timers, then %ld\n", made, got);
		exit(0);
	}
	wait(NULL);
	if (fork() == 0) {
		setrlimit(RLIMIT_CPU, &cpu);
		for (;;)
			;
	}
	wait(&status);
	show("RLIMIT_CPU reached: signal", WTERMSIG(status));
	if (fork() == 0) {
		signal(SIGXCPU, SIG_IGN);
		cpu.rlim_cur = cpu.rlim_max = 1;
		setrlimit(RLIMIT_CPU, &cpu);
		for (;;)
			;
	}
	wait(&status);
	show("its hard limit: signal", WTERMSIG(status));
}

int main(void)
{
	setvbuf(stdout, NULL, _IOLBF, 0);
	handle(SIGUSR1);
	by_cpu_time(CLOCK_PROCESS_CPUTIME_ID, "CLOCK_PROCESS_CPUTIME_ID");
	by_cpu_time(CLOCK_THREAD_CPUTIME_ID, "CLOCK_THREAD_CPUTIME_ID");
	intervals();
	clocks();
	limits();
	return 0;
}
