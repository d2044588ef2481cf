/* SPDX-License-Identifier: BSD-2-Clause */
/* POSIX timers by the clocks of the wall: when they ring, overruns, exec and fork; sleeping. */
#include <errno.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
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

static volatile sig_atomic_t count, code, value, id_seen, overrun_seen;

static void on_signal(int signo, siginfo_t *info, void *context)
{
	(void)signo;
	(void)context;
	count++;
	code = info->si_code;
	value = info->si_value.sival_int;
	id_seen = info->si_timerid;
	overrun_seen = info->si_overrun;
}

static void handle(int signo)
{
	struct sigaction action = {.sa_sigaction = on_signal, .sa_flags = SA_SIGINFO | SA_RESTART};

	sigaction(signo, &action, NULL);
}

static void block(int how, int signo)
{
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, signo);
	sigprocmask(how, &set, NULL);
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

static int64_t left(long id, int64_t *interval)
{
	struct itimerspec time;

	if (syscall(SYS_timer_gettime, id, &time))
		return -errno;
	if (interval)
		*interval = time.it_interval.tv_sec * 1000000000 + time.it_interval.tv_nsec;
	return time.it_value.tv_sec * 1000000000 + time.it_value.tv_nsec;
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

static void numbers(void)
{
	static const int clocks[] = {0, 1, 2, 3, 4, 5, 6, 7, 10, 11, 12, 99};
	char text[80];
	long id;

	for (unsigned i = 0; i < sizeof(clocks) / sizeof(clocks[0]); i++) {
		snprintf(text, sizeof(text), "timer_create on clock %d", clocks[i]);
		id = create(clocks[i], SIGEV_SIGNAL, SIGUSR1);
		show(text, id < 0 ? id : 0);
		drop(id);
	}
	show("signal 0", create(CLOCK_MONOTONIC, SIGEV_SIGNAL, 0));
	show("signal 65", create(CLOCK_MONOTONIC, SIGEV_SIGNAL, 65));
	show("unknown notification", create(CLOCK_MONOTONIC, 3, SIGUSR1));
	id = create(CLOCK_MONOTONIC, SIGEV_NONE, 0);
	show("none needs no signal", id >= 0);
	show("no event", result(syscall(SYS_timer_create, CLOCK_MONOTONIC, NULL, &id)));
	show("nowhere to put it", result(syscall(SYS_timer_create, CLOCK_MONOTONIC, NULL, NULL)));
	show("unknown timer: settime", set(99999, 0, 0, 0));
	show("unknown timer: gettime", left(99999, NULL));
	show("unknown timer: overrun", result(syscall(SYS_timer_getoverrun, 99999)));
	show("unknown timer: delete", result(syscall(SYS_timer_delete, 99999)));
	show("a billion nanoseconds",
	     result(syscall(SYS_timer_settime, id, 0, &(struct itimerspec){{0, 0}, {0, 1000000000}},
			    NULL)));
	show("negative seconds", result(syscall(SYS_timer_settime, id, 0,
						&(struct itimerspec){{0, 0}, {-1, 0}}, NULL)));
	show("no time", result(syscall(SYS_timer_settime, id, 0, NULL, NULL)));
}

static void by_the_wall(clockid_t clock, const char *name)
{
	int64_t start = now(clock), interval = -1;
	long id = create(clock, SIGEV_SIGNAL, SIGUSR1);

	printf("- %s\n", name);
	count = 0;
	show("off: nothing left", left(id, NULL));
	show("set", set(id, 0, 1000 * MS, 0));
	show("something left", left(id, &interval) > 0);
	show("no interval", interval);
	start = now(clock);
	set(id, 0, 5 * MS, 0);
	until(1);
	show("not early", now(clock) - start >= 5 * MS);
	show("si_code", code);
	show("si_value", value);
	show("si_timerid is its number", id_seen == id);
	show("si_overrun", overrun_seen);
	show("over: nothing left", left(id, NULL));
	set(id, TIMER_ABSTIME, now(clock) + 5 * MS, 0);
	until(2);
	set(id, TIMER_ABSTIME, 1, 0);
	until(3);
	show("a time that is past comes at once", count);
	set(id, 0, 1000 * MS, 0);
	set(id, 0, 0, 0);
	show("stopped", left(id, NULL));
	show("deleted", result(syscall(SYS_timer_delete, id)));
}

static void periodic(void)
{
	int64_t interval = 0, rest;
	long id = create(CLOCK_MONOTONIC, SIGEV_SIGNAL, SIGUSR1);
	siginfo_t info;
	sigset_t usr1;

	count = 0;
	set(id, 0, 2 * MS, 2 * MS);
	until(3);
	show("it comes again and again", count >= 3);
	rest = left(id, &interval);
	show("gettime", rest > 0 && rest <= 2 * MS);
	show("its interval", interval);
	block(SIG_BLOCK, SIGUSR1);
	pass(11 * MS);
	rest = left(id, NULL);
	show("what is left while its signal is pending", rest > 0 && rest <= 2 * MS);
	sigemptyset(&usr1);
	sigaddset(&usr1, SIGUSR1);
	show("one signal for all of them", sigwaitinfo(&usr1, &info));
	show("the others were overruns", info.si_overrun >= 4);
	show("timer_getoverrun", syscall(SYS_timer_getoverrun, id) == info.si_overrun);
	pass(5 * MS);
	set(id, 0, 0, 0);
	count = 0;
	block(SIG_UNBLOCK, SIGUSR1);
	show("stopped while it was pending", count);
	set(id, 0, MS, 0);
	block(SIG_BLOCK, SIGUSR1);
	pass(5 * MS);
	drop(id);
	block(SIG_UNBLOCK, SIGUSR1);
	show("deleted while it was pending", count <= 1);
	id = create(CLOCK_MONOTONIC, SIGEV_NONE, 0);
	set(id, 0, 2 * MS, 2 * MS);
	pass(5 * MS);
	rest = left(id, NULL);
	show("without a signal it counts on", rest > 0 && rest <= 2 * MS);
	drop(id);
	signal(SIGUSR1, SIG_IGN);
	id = create(CLOCK_MONOTONIC, SIGEV_SIGNAL, SIGUSR1);
	set(id, 0, MS, MS);
	pass(5 * MS);
	count = 0;
	handle(SIGUSR1);
	until(1);
	show("ignored for a while, it is still there", count >= 1);
	drop(id);
}

static void inheritance(const char *self)
{
	struct itimerval time = {{0, 0}, {100, 0}};
	long id = create(CLOCK_MONOTONIC, SIGEV_SIGNAL, SIGUSR1);
	char text[20];

	snprintf(text, sizeof(text), "%ld", id);
	setitimer(ITIMER_REAL, &time, NULL);
	fflush(stdout);
	if (fork() == 0) {
		show("a child has no timers", left(id, NULL));
		getitimer(ITIMER_REAL, &time);
		show("and no interval", time.it_value.tv_sec);
		exit(0);
	}
	wait(NULL);
	if (fork() == 0) {
		id = create(CLOCK_MONOTONIC, SIGEV_SIGNAL, SIGUSR1);
		time.it_value.tv_sec = 100;
		setitimer(ITIMER_REAL, &time, NULL);
		snprintf(text, sizeof(text), "%ld", id);
		execl(self, self, "exec", text, NULL);
		_exit(1);
	}
	wait(NULL);
	alarm(0);
	drop(id);
}

static int after_exec(const char *id)
{
	struct itimerval time;

	show("exec deletes timers", left(atol(id), NULL));
	getitimer(ITIMER_REAL, &time);
	show("but intervals go on", time.it_value.tv_sec > 90);
	return 0;
}

static void sleeping(void)
{
	struct timespec time = {0, 2 * MS}, past = {0, 1};
	int64_t start = now(CLOCK_MONOTONIC), end;

	show("clock_nanosleep", clock_nanosleep(CLOCK_MONOTONIC, 0, &time, NULL));
	show("not early", now(CLOCK_MONOTONIC) - start >= 2 * MS);
	end = now(CLOCK_REALTIME) + 2 * MS;
	time = (struct timespec){end / 1000000000, end % 1000000000};
	show("absolute, by the time of day",
	     clock_nanosleep(CLOCK_REALTIME, TIMER_ABSTIME, &time, NULL));
	show("not early", now(CLOCK_REALTIME) >= end);
	show("a time that is past", clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &past, NULL));
	time = (struct timespec){0, 1000000000};
	show("a billion nanoseconds", clock_nanosleep(CLOCK_MONOTONIC, 0, &time, NULL));
	show("a clock that is none", clock_nanosleep(99, 0, &past, NULL));
	show("a thread's CPU time", result(syscall(SYS_clock_nanosleep, 3, 0, &past, NULL)));
}

int main(int argc, char **argv)
{
	setvbuf(stdout, NULL, _IOLBF, 0);
	if (argc == 3 && !strcmp(argv[1], "exec"))
		return after_exec(argv[2]);
	handle(SIGUSR1);
	numbers();
	by_the_wall(CLOCK_REALTIME, "CLOCK_REALTIME");
	by_the_wall(CLOCK_MONOTONIC, "CLOCK_MONOTONIC");
	by_the_wall(CLOCK_BOOTTIME, "CLOCK_BOOTTIME");
	by_the_wall(CLOCK_TAI, "CLOCK_TAI");
	periodic();
	inheritance(argv[0]);
	sleeping();
	return 0;
}
