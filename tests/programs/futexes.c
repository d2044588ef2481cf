/* SPDX-License-Identifier: BSD-2-Clause */
/* futex(2) itself: what each operation answers, whom it wakes and moves, which words are one. */
#include <errno.h>
#include <limits.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define WAIT        0
#define WAKE        1
#define REQUEUE     3
#define CMP_REQUEUE 4
#define WAKE_OP     5
#define WAIT_BITSET 9
#define WAKE_BITSET 10
#define PRIVATE     128
#define REALTIME    256

static uint32_t word, other;

static long futex(void *at, long op, long val, const void *time, void *second, long val3)
{
	long result = syscall(SYS_futex, at, op, val, time, second, val3);

	return result < 0 ? -errno : result;
}

static void tell(const char *what, long result)
{
	if (result < 0)
		printf("%s: %s\n", what, strerror((int)-result));
	else
		printf("%s: %ld\n", what, result);
}

static void answers(void)
{
	static const struct timespec past = {1, 0}, soon = {0, 1000000}, bad = {0, 1000000000},
				     negative = {-1, 0}, zero = {0, 0};
	char *nowhere = mmap(NULL, 4096, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	word = 7;
	tell("another value", futex(&word, WAIT | PRIVATE, 8, NULL, NULL, 0));
	tell("another value, time", futex(&word, WAIT, 8, &soon, NULL, 0));
	tell("misaligned", futex((char *)&word + 1, WAIT, 7, NULL, NULL, 0));
	tell("misaligned wake", futex((char *)&word + 2, WAKE | PRIVATE, 1, NULL, NULL, 0));
	tell("null", futex(NULL, WAIT, 0, NULL, NULL, 0));
	tell("null wake", futex(NULL, WAKE, 1, NULL, NULL, 0));
	tell("no access", futex(nowhere, WAIT | PRIVATE, 0, NULL, NULL, 0));
	tell("no access, wake", futex(nowhere, WAKE, 1, NULL, NULL, 0));
	tell("no access, private wake", futex(nowhere, WAKE | PRIVATE, 1, NULL, NULL, 0));
	tell("relative time", futex(&word, WAIT | PRIVATE, 7, &soon, NULL, 0));
	tell("no time", futex(&word, WAIT | PRIVATE, 7, &zero, NULL, 0));
	tell("bad time", futex(&word, WAIT | PRIVATE, 7, &bad, NULL, 0));
	tell("negative time", futex(&word, WAIT | PRIVATE, 7, &negative, NULL, 0));
	tell("time nowhere", futex(&word, WAIT | PRIVATE, 7, nowhere, NULL, 0));
	tell("past", futex(&word, WAIT_BITSET | PRIVATE, 7, &past, NULL, -1));
	tell("past of the real clock",
	     futex(&word, WAIT_BITSET | PRIVATE | REALTIME, 7, &past, NULL, -1));
	tell("long past", futex(&word, WAIT_BITSET | PRIVATE, 7, &zero, NULL, -1));
	tell("no bits", futex(&word, WAIT_BITSET | PRIVATE, 7, NULL, NULL, 0));
	tell("no bits to wake", futex(&word, WAKE_BITSET | PRIVATE, 1, NULL, NULL, 0));
	tell("nobody", futex(&word, WAKE | PRIVATE, 1, NULL, NULL, 0));
	tell("nobody, shared", futex(&word, WAKE, INT_MAX, NULL, NULL, 0));
	tell("real clock in wait", futex(&word, WAIT | REALTIME, 8, &soon, NULL, 0));
	tell("real clock in wake", futex(&word, WAKE | REALTIME, 1, NULL, NULL, 0));
	tell("FUTEX_FD", futex(&word, 2, 1, NULL, NULL, 0));
	tell("number 14", futex(&word, 14, 1, NULL, NULL, 0));
	tell("number 99", futex(&word, 99, 1, NULL, NULL, 0));
	tell("bit 9", futex(&word, WAKE | 512, 1, NULL, NULL, 0));
	tell("negative requeue", futex(&word, REQUEUE, 1, (void *)-1l, &other, 0));
	tell("negative wake in it", futex(&word, REQUEUE, -1, (void *)1, &other, 0));
	tell("requeue if equal", futex(&word, CMP_REQUEUE, 1, (void *)1, &other, 6));
	tell("requeue to nowhere", futex(&word, REQUEUE, 1, (void *)1, NULL, 0));
}

/* --- sleepers --- */

struct sleeper {
	pthread_t thread;
	void *at;
	long op, bits;
	const struct timespec *time;
	long result;
};

static void *sleep_there(void *arg)
{
	struct sleeper *me = arg;

	me->result = futex(me->at, me->op, *(uint32_t *)me->at, me->time, NULL, me->bits);
	return NULL;
}

/* All that sleep on a word are moved to where they are: that counts them. */
static long count(void *at, long flag)
{
	return futex(at, CMP_REQUEUE | flag, 0, (void *)(long)INT_MAX, at, *(uint32_t *)at);
}

static void start(struct sleeper *sleepers, int many, void *at, long op, const long *bits)
{
	for (int i = 0; i < many; i++) {
		sleepers[i] = (struct sleeper){.at = at, .op = op, .bits = bits ? bits[i] : -1};
		pthread_create(&sleepers[i].thread, NULL, sleep_there, &sleepers[i]);
		while (count(at, op & PRIVATE) != i + 1)
			sched_yield();
	}
}

static void join(struct sleeper *sleepers, int many)
{
	for (int i = 0; i < many; i++)
		pthread_join(sleepers[i].thread, NULL);
}

static void wakes(void)
{
	static const long bits[] = {1, 2, 4, 3};
	struct sleeper sleepers[4];

	word = 1;
	start(sleepers, 4, &word, WAIT | PRIVATE, NULL);
	tell("wake 0", futex(&word, WAKE | PRIVATE, 0, NULL, NULL, 0));
	tell("wake 2", futex(&word, WAKE | PRIVATE, 2, NULL, NULL, 0));
	tell("wake all", futex(&word, WAKE | PRIVATE, INT_MAX, NULL, NULL, 0));
	join(sleepers, 4);
	printf("each was woken: %ld %ld %ld %ld\n", sleepers[0].result, sleepers[1].result,
	       sleepers[2].result, sleepers[3].result);
	start(sleepers, 4, &word, WAIT_BITSET | PRIVATE, bits);
	tell("bits 8", futex(&word, WAKE_BITSET | PRIVATE, 9, NULL, NULL, 8));
	tell("bits 4", futex(&word, WAKE_BITSET | PRIVATE, 9, NULL, NULL, 4));
	tell("bits 2", futex(&word, WAKE_BITSET | PRIVATE, 9, NULL, NULL, 2));
	tell("the rest", futex(&word, WAKE | PRIVATE, 9, NULL, NULL, 0));
	join(sleepers, 4);
	start(sleepers, 2, &word, WAIT | PRIVATE, NULL);
	tell("wake -1", futex(&word, WAKE | PRIVATE, -1, NULL, NULL, 0));
	futex(&word, WAKE | PRIVATE, 9, NULL, NULL, 0);
	join(sleepers, 2);
}

static void moves(void)
{
	struct sleeper sleepers[6];

	word = 1;
	start(sleepers, 6, &word, WAIT | PRIVATE, NULL);
	tell("wake 1 and move 2", futex(&word, REQUEUE | PRIVATE, 1, (void *)2, &other, 0));
	tell("sleep on the first", count(&word, PRIVATE));
	tell("sleep on the second", count(&other, PRIVATE));
	tell("another value", futex(&word, CMP_REQUEUE | PRIVATE, 1, (void *)2, &other, 5));
	tell("move all", futex(&word, CMP_REQUEUE | PRIVATE, 0, (void *)9, &other, 1));
	tell("nobody there", futex(&word, WAKE | PRIVATE, 9, NULL, NULL, 0));
	tell("all there", futex(&other, WAKE | PRIVATE, 9, NULL, NULL, 0));
	join(sleepers, 6);
}

static void changes(void)
{
	static const struct {
		uint32_t old;
		long code;
	} cases[] = {
		{5, 0x00007005},
		{5, 0x10003005},
		{5, 0x20008005},
		{5, 0x30001005},
		{5, 0x4000f005},
		{5, 0x80004005},
		{5, 0xa0004005},
		{5, 0x11003005},
		{5, 0x12003006},
		{5, 0x13003005},
		{5, 0x14003004},
		{5, 0x15003005},
		{5, 0x10fff005},
		{(uint32_t)-3, 0x02000000},
		{(uint32_t)-3, 0x04000ffd},
		{(uint32_t)-3, 0x00000ffd},
		{5, 0x50000000},
		{5, 0x06000000},
		{5, 0x0f000000},
		{5, 0x70000000},
	};
	struct sleeper sleepers[2];

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		word = 1;
		other = cases[i].old;
		start(&sleepers[0], 1, &word, WAIT | PRIVATE, NULL);
		start(&sleepers[1], 1, &other, WAIT | PRIVATE, NULL);
		long result = futex(&word, WAKE_OP | PRIVATE, 1, (void *)1, &other, cases[i].code);
		/* One whose operation is known and whose comparison is not changes, and then fails.
		 */
		printf("op %08lx on %d: %ld, now %d\n", cases[i].code, (int)cases[i].old, result,
		       result == -ENOSYS ? 0 : (int)other);
		while (futex(&word, WAKE | PRIVATE, 9, NULL, NULL, 0) > 0)
			;
		while (futex(&other, WAKE | PRIVATE, 9, NULL, NULL, 0) > 0)
			;
		join(sleepers, 2);
	}
}

/* --- which words are one --- */

static long sleep_in_child(uint32_t *at, long op, pid_t *child)
{
	struct timespec time = {5, 0};

	fflush(stdout);
	*child = fork();
	if (*child == 0)
		_exit(futex(at, op, *at, &time, NULL, 0) == 0 ? 0 : 1);
	return 0;
}

static int ended(pid_t child, int kill_it)
{
	int status = -1;

	if (kill_it)
		kill(child, SIGKILL);
	waitpid(child, &status, 0);
	return status;
}

static void keys(void)
{
	FILE *file = tmpfile();
	uint32_t *anon, *first, *second;
	struct sleeper sleeper;
	pid_t child;

	(void)!ftruncate(fileno(file), 8192);
	anon = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	first = mmap(NULL, 8192, PROT_READ | PROT_WRITE, MAP_SHARED, fileno(file), 0);
	second = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED, fileno(file), 4096);

	sleep_in_child(anon, WAIT, &child);
	while (count(anon, 0) != 1)
		sched_yield();
	tell("private wake of shared memory", futex(anon, WAKE | PRIVATE, 1, NULL, NULL, 0));
	tell("the next word", futex(anon + 1, WAKE, 1, NULL, NULL, 0));
	tell("shared wake", futex(anon, WAKE, 1, NULL, NULL, 0));
	printf("slept in another process: %d\n", ended(child, 0));

	sleep_in_child(first + 1024 + 3, WAIT, &child);
	while (count(second + 3, 0) != 1)
		sched_yield();
	tell("the file's first page", futex(first + 3, WAKE, 1, NULL, NULL, 0));
	tell("the same place elsewhere", futex(second + 3, WAKE, 1, NULL, NULL, 0));
	printf("slept on a file: %d\n", ended(child, 0));

	word = 1;
	sleep_in_child(&word, WAIT, &child);
	start(&sleeper, 1, &word, WAIT, NULL);
	tell("private wake of a shared sleep", futex(&word, WAKE | PRIVATE, 9, NULL, NULL, 0));
	tell("own memory, not the child's", futex(&word, WAKE, 9, NULL, NULL, 0));
	join(&sleeper, 1);
	ended(child, 1);
	fclose(file);
}

/* --- signals --- */

static volatile sig_atomic_t handled;

static void handler(int number)
{
	(void)number;
	handled++;
}

static void interrupted(const char *what, int flags, const struct timespec *time)
{
	struct sigaction action = {.sa_handler = handler, .sa_flags = flags};
	struct sleeper sleeper = {.at = &word, .op = WAIT | PRIVATE, .bits = -1, .time = time};

	sigaction(SIGUSR1, &action, NULL);
	handled = 0;
	pthread_create(&sleeper.thread, NULL, sleep_there, &sleeper);
	while (count(&word, PRIVATE) != 1)
		sched_yield();
	pthread_kill(sleeper.thread, SIGUSR1);
	while (!handled)
		sched_yield();
	if ((flags & SA_RESTART) && !time) {
		while (count(&word, PRIVATE) != 1)
			sched_yield();
		futex(&word, WAKE | PRIVATE, 1, NULL, NULL, 0);
	}
	pthread_join(sleeper.thread, NULL);
	tell(what, sleeper.result);
}

static void signals(void)
{
	static const struct timespec time = {100, 0};

	word = 1;
	interrupted("handler", 0, NULL);
	interrupted("handler that restarts", SA_RESTART, NULL);
	interrupted("handler, with a time", 0, &time);
	interrupted("restarting one, with a time", SA_RESTART, &time);
}

/* Stopped and continued in a sleep with a time: it goes on to the same end. */
static void stopped(void)
{
	struct timespec time = {0, 300000000};
	int status;
	pid_t pid;

	fflush(stdout);
	pid = fork();
	if (pid == 0)
		_exit(futex(&word, WAIT | PRIVATE, word, &time, NULL, 0) == -ETIMEDOUT ? 21 : 22);
	kill(pid, SIGSTOP);
	waitpid(pid, &status, WUNTRACED);
	kill(pid, SIGCONT);
	waitpid(pid, &status, 0);
	printf("stopped and continued: %d\n", WEXITSTATUS(status));
}

int main(void)
{
	answers();
	wakes();
	moves();
	changes();
	keys();
	signals();
	stopped();
	return 0;
}
