/* SPDX-License-Identifier: BSD-2-Clause */
/* Threads and their process: which of them ends what; fork, exec and wait in one of many. */
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

static void returns_from_main(void)
{
	start_two();
	exit(1);
}

static void *exits(void *arg)
{
	(void)arg;
	exit(2);
}

static void a_thread_exits(void)
{
	start_two();
	start(exits, NULL);
	for (;;)
		pause();
}

static void *crashes(void *arg)
{
	(void)arg;
	*(volatile int *)16 = 1;
	return NULL;
}

static void a_thread_crashes(void)
{
	start_two();
	start(crashes, NULL);
	for (;;)
		pause();
}

static void *lives_on(void *arg)
{
	(void)arg;
	sem_wait(&go);
	nap(10000);
	printf("a thread outlives the first, getpid %s gettid\n",
	       getpid() == syscall(SYS_gettid) ? "==" : "!=");
	return NULL;
}

static void first_leaves(void)
{
	start(lives_on, NULL);
	sem_post(&go);
	syscall(SYS_exit, 9);
}

static void *ends_all(void *arg)
{
	(void)arg;
	nap(10000);
	_exit(4);
}

static void first_leaves_then_exit_group(void)
{
	start(ends_all, NULL);
	syscall(SYS_exit, 5);
}

static void *leaves(void *arg)
{
	(void)arg;
	nap(10000);
	syscall(SYS_exit, 7);
	return NULL;
}

static void last_exit_does_not_count(void)
{
	start(leaves, NULL);
	syscall(SYS_exit, 6);
}

static void tell(const char *what, long result)
{
	printf("%s: %s\n", what, result < 0 ? strerror(errno) : "done");
}

/* What /proc says of the process. */
static void show_state(void)
{
	FILE *status = fopen("/proc/self/status", "r");
	char line[128];

	while (status && fgets(line, sizeof(line), status))
		if (strncmp(line, "State:", 6) == 0 || strncmp(line, "Threads:", 8) == 0)
			printf("%s", line);
}

/* The numbers of the first, which has left, and of this thread. */
static void *asks_about(void *arg)
{
	pid_t all = getpid(), own = (pid_t)syscall(SYS_gettid);
	struct rlimit limit;
	char mask[64];
	size_t size;

	nap(10000);
	show_state();
	tell("tgkill of the first", syscall(SYS_tgkill, all, all, 0));
	tell("and with a signal", syscall(SYS_tgkill, all, all, SIGTERM));
	tell("tkill of the first", syscall(SYS_tkill, all, 0));
	tell("kill of all", kill(all, 0));
	tell("kill by a thread's number", kill(own, 0));
	tell("getpgid of a thread", getpgid(own));
	tell("getsid of a thread", getsid(own));
	tell("setpgid of a thread", setpgid(own, 0));
	tell("affinity of the first", syscall(SYS_sched_getaffinity, all, sizeof(mask), mask));
	tell("robust list of the first", syscall(SYS_get_robust_list, all, &arg, &size));
	tell("limits of a thread", prlimit(own, RLIMIT_NOFILE, NULL, &limit));
	tell("wait for a thread", waitpid(own, NULL, 0));
	_exit(17);
}

static void numbers_stay(void)
{
	start(asks_about, NULL);
	syscall(SYS_exit, 1);
}

static void *kills_process(void *arg)
{
	nap(1000);
	kill(getpid(), (int)(intptr_t)arg);
	return NULL;
}

static void killed_from_inside(void)
{
	start_two();
	start(kills_process, (void *)(intptr_t)SIGTERM);
	for (;;)
		pause();
}

static void stopped_and_killed(void)
{
	pid_t pid = fork();
	int status;

	if (pid == 0) {
		start_two();
		raise(SIGSTOP);
		_exit(11);
	}
	waitpid(pid, &status, WUNTRACED);
	printf("stopped %d by %d\n", WIFSTOPPED(status), WSTOPSIG(status));
	kill(pid, SIGCONT);
	waitpid(pid, &status, 0);
	_exit(WEXITSTATUS(status));
}

static void *forks(void *arg)
{
	int status;
	pid_t pid = fork();

	(void)arg;
	if (pid == 0) {
		printf("child of a thread: getpid %s gettid\n",
		       getpid() == syscall(SYS_gettid) ? "==" : "!=");
		_exit(12);
	}
	waitpid(pid, &status, 0);
	_exit(WEXITSTATUS(status));
}

static void fork_in_thread(void)
{
	start_two();
	forks(start);
}

static void fork_in_other_thread(void)
{
	start_two();
	start(forks, NULL);
	for (;;)
		pause();
}

static pid_t number_before;

static void *execs(void *arg)
{
	char text[32];

	(void)arg;
	snprintf(text, sizeof(text), "%d", (int)number_before);
	execl("/proc/self/exe", "thread_life", "executed", text, NULL);
	_exit(97);
}

static void exec_in_thread(void)
{
	number_before = getpid();
	start_two();
	start(execs, NULL);
	for (;;)
		pause();
}

static void exec_in_first(void)
{
	number_before = getpid();
	start_two();
	execs(NULL);
}

static void failing_exec(void)
{
	start_two();
	execl("/no/such/file", "x", NULL);
	printf("exec failed: %s; ", strerror(errno));
	execl("/", "x", NULL);
	printf("%s\n", strerror(errno));
	sem_post(&go);
	_exit(13);
}

static void *waits_for_child(void *arg)
{
	int status;

	waitpid((pid_t)(intptr_t)arg, &status, 0);
	_exit(WEXITSTATUS(status));
}

static void any_thread_waits(void)
{
	pid_t pid = fork();

	if (pid == 0) {
		nap(2000);
		_exit(14);
	}
	start(waits_for_child, (void *)(intptr_t)pid);
	for (;;)
		pause();
}

int main(int argc, char **argv)
{
	setvbuf(stdout, NULL, _IONBF, 0);
	if (argc == 3 && strcmp(argv[1], "executed") == 0) {
		printf("executed: same number %d, gettid is it %d\n", atoi(argv[2]) == getpid(),
		       syscall(SYS_gettid) == getpid());
		return 16;
	}
	in_child("main returns", returns_from_main);
	in_child("a thread calls exit", a_thread_exits);
	in_child("a thread crashes", a_thread_crashes);
	in_child("the first leaves", first_leaves);
	in_child("exit_group after it", first_leaves_then_exit_group);
	in_child("exit of the last", last_exit_does_not_count);
	in_child("numbers", numbers_stay);
	in_child("kill from inside", killed_from_inside);
	in_child("stop", stopped_and_killed);
	in_child("fork", fork_in_thread);
	in_child("fork in another", fork_in_other_thread);
	in_child("exec in a thread", exec_in_thread);
	in_child("exec in the first", exec_in_first);
	in_child("exec that fails", failing_exec);
	in_child("wait in a thread", any_thread_waits);
	return 0;
}
