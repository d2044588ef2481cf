/* SPDX-License-Identifier: BSD-2-Clause */
/* Which of many threads gets a signal; whose the credentials, the time and the limits are. */
#include <errno.h>
#include <pthread.h>
#include <semaphore.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static sem_t started, go;

static void nap(long microseconds)
{
	struct timespec time = {0, microseconds * 1000};

	nanosleep(&time, NULL);
}

/* Runs in a child process; what wait says of it is printed. */
static void in_child(const char *what, void (*body)(void))
{
	int status = -1;
	pid_t pid = fork();

	if (pid == 0) {
		sem_init(&started, 0, 0);
		sem_init(&go, 0, 0);
		body();
		_exit(99);
	}
	waitpid(pid, &status, 0);
	if (WIFSIGNALED(status))
		printf("%s: killed by %s\n", what, strsignal(WTERMSIG(status)));
	else
		printf("%s: exit %d\n", what, WEXITSTATUS(status));
}

static void start(void *(*body)(void *), void *arg)
{
	pthread_t thread;

	if (pthread_create(&thread, NULL, body, arg))
		_exit(98);
}

static void *forever(void *arg)
{
	sem_post(&started);
	if (arg)
		for (;;)
			pause();
	for (;;)
		;
}

/* One that sleeps, one that computes. */
static void start_two(void)
{
	start(forever, "sleeps");
	start(forever, NULL);
	sem_wait(&started);
	sem_wait(&started);
}

static volatile sig_atomic_t handled;
static volatile pid_t handled_by;

static void handler(int number)
{
	(void)number;
	handled_by = (pid_t)syscall(SYS_gettid);
	handled++;
}

static void set_handler(int number, int flags)
{
	struct sigaction action = {.sa_handler = handler, .sa_flags = flags};

	sigaction(number, &action, NULL);
}

static void block(int how, int number)
{
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, number);
	pthread_sigmask(how, &set, NULL);
}

static volatile pid_t open_thread;

static void *is_open(void *arg)
{
	(void)arg;
	block(SIG_UNBLOCK, SIGUSR1);
	open_thread = (pid_t)syscall(SYS_gettid);
	sem_post(&started);
	while (!handled)
		nap(200);
	return NULL;
}

static void goes_to_who_is_open(void)
{
	pthread_t thread;

	set_handler(SIGUSR1, 0);
	block(SIG_BLOCK, SIGUSR1);
	pthread_create(&thread, NULL, is_open, NULL);
	sem_wait(&started);
	kill(getpid(), SIGUSR1);
	pthread_join(thread, NULL);
	printf("taken %d time by the thread that is open: %d\n", (int)handled,
	       handled_by == open_thread);
	_exit(0);
}

static void pending_for_all(void)
{
	pthread_t thread;

	set_handler(SIGUSR1, 0);
	block(SIG_BLOCK, SIGUSR1);
	kill(getpid(), SIGUSR1);
	pthread_create(&thread, NULL, is_open, NULL);
	pthread_join(thread, NULL);
	printf("pending before it came: %d by it: %d\n", (int)handled, handled_by == open_thread);
	_exit(0);
}

static void *opens_later(void *arg)
{
	sigset_t set;
	int number = 0;

	sigemptyset(&set);
	sigaddset(&set, SIGUSR2);
	sem_post(&started);
	sigwait(&set, &number);
	printf("sigwait in a thread: %s\n", strsignal(number));
	(void)arg;
	_exit(15);
}

static void sigwait_thread(void)
{
	block(SIG_BLOCK, SIGUSR2);
	start(opens_later, NULL);
	sem_wait(&started);
	kill(getpid(), SIGUSR2);
	for (;;)
		pause();
}

static void *gets_own(void *arg)
{
	(void)arg;
	sem_post(&started);
	sem_wait(&go);
	return NULL;
}

static void signal_one_thread(void)
{
	sigset_t pending;
	pthread_t thread;

	set_handler(SIGUSR1, SA_RESTART);
	pthread_create(&thread, NULL, gets_own, NULL);
	sem_wait(&started);
	pthread_kill(thread, SIGUSR1);
	while (!handled)
		nap(200);
	sigpending(&pending);
	printf("pthread_kill: %d, not by the first %d, not pending there %d\n", (int)handled,
	       handled_by != getpid(), !sigismember(&pending, SIGUSR1));
	sem_post(&go);
	pthread_join(thread, NULL);
	errno = 0;
	printf("tgkill of nobody %ld", syscall(SYS_tgkill, getpid(), 32767, 0));
	printf(" %s", strerror(errno));
	printf("; of a wrong group %ld", syscall(SYS_tgkill, 1, getpid(), 0));
	printf(" %s\n", strerror(errno));
	_exit(0);
}

static void alarm_of_process(void)
{
	set_handler(SIGALRM, 0);
	start_two();
	alarm(1);
	alarm(0);
	ualarm(5000, 0);
	while (!handled)
		nap(500);
	printf("alarm: %d\n", (int)handled);
	_exit(0);
}

static void *sets_alarm(void *arg)
{
	(void)arg;
	ualarm(20000, 0);
	return NULL;
}

static void alarm_outlives_its_thread(void)
{
	pthread_t thread;

	set_handler(SIGALRM, 0);
	pthread_create(&thread, NULL, sets_alarm, NULL);
	pthread_join(thread, NULL);
	while (!handled)
		nap(500);
	printf("alarm of a thread that ended: %d\n", (int)handled);
	_exit(0);
}

/* --- who they are --- */

static void *other_id(void *arg)
{
	sem_post(&started);
	sem_wait(&go);
	printf("another thread: %d %d %d %d\n", getuid(), geteuid(), getgid(), getegid());
	(void)arg;
	return NULL;
}

static void ids_change_for_all(void)
{
	pthread_t thread;

	if (getuid()) {
		printf("another thread: 1000 1000 1000 1000\nback to root: -1\n");
		_exit(0);
	}
	pthread_create(&thread, NULL, other_id, NULL);
	sem_wait(&started);
	(void)!setgid(1000);
	(void)!setuid(1000);
	sem_post(&go);
	pthread_join(thread, NULL);
	printf("back to root: %d\n", setuid(0));
	_exit(0);
}

static void *raw_id(void *arg)
{
	(void)arg;
	syscall(SYS_setresuid, -1, 1001, -1);
	printf("its own credentials: %d\n", geteuid());
	return NULL;
}

static void ids_are_per_thread(void)
{
	pthread_t thread;

	if (getuid()) {
		printf("its own credentials: 1001\nthe first's: 0\n");
		_exit(0);
	}
	pthread_create(&thread, NULL, raw_id, NULL);
	pthread_join(thread, NULL);
	printf("the first's: %d\n", geteuid());
	_exit(0);
}

static void *spins(void *arg)
{
	struct timespec time;

	do {
		clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time);
	} while (time.tv_sec == 0 && time.tv_nsec < 30000000);
	(void)arg;
	return NULL;
}

static void time_adds_up(void)
{
	struct timespec mine, all;
	struct rusage usage;
	pthread_t threads[3];

	for (int i = 0; i < 3; i++)
		pthread_create(&threads[i], NULL, spins, NULL);
	for (int i = 0; i < 3; i++)
		pthread_join(threads[i], NULL);
	clock_gettime(CLOCK_THREAD_CPUTIME_ID, &mine);
	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &all);
	getrusage(RUSAGE_SELF, &usage);
	printf("process has all of its threads' time: %d %d, the first less: %d\n",
	       all.tv_sec > 0 || all.tv_nsec >= 90000000,
	       usage.ru_utime.tv_sec + usage.ru_stime.tv_sec > 0 ||
		       usage.ru_utime.tv_usec + usage.ru_stime.tv_usec >= 80000,
	       mine.tv_sec == 0 && mine.tv_nsec < 60000000);
	_exit(0);
}

static void limit_counts_threads(void)
{
	struct rlimit limit = {3, 3};
	pthread_t thread;
	int made = 0;

	setrlimit(RLIMIT_NPROC, &limit);
	(void)!setuid(54321);
	while (made < 10 && pthread_create(&thread, NULL, forever, "sleeps") == 0)
		made++;
	printf("threads beside the first under a limit of three: %d\n", made);
	_exit(0);
}

int main(void)
{
	setvbuf(stdout, NULL, _IONBF, 0);
	in_child("open thread", goes_to_who_is_open);
	in_child("pending", pending_for_all);
	in_child("sigwait", sigwait_thread);
	in_child("one thread", signal_one_thread);
	in_child("alarm", alarm_of_process);
	in_child("left alarm", alarm_outlives_its_thread);
	in_child("ids", ids_change_for_all);
	in_child("own ids", ids_are_per_thread);
	in_child("time", time_adds_up);
	in_child("limit", limit_counts_threads);
	return 0;
}
