/* SPDX-License-Identifier: BSD-2-Clause */
/* Futexes whose owner inherits priorities, by the bare call, and threads that do one thing. */
#pragma once

#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <time.h>

#include "classes.h"

#define FUTEX_WAIT        0
#define FUTEX_WAKE        1
#define FUTEX_REQUEUE     3
#define FUTEX_CMP_REQUEUE 4
#define FUTEX_WAKE_OP     5
#define FUTEX_LOCK_PI     6
#define FUTEX_UNLOCK_PI   7
#define FUTEX_TRYLOCK_PI  8
#define FUTEX_WAKE_BITSET 10
#define LOCK_PI2          13
#define PRIVATE           128
#define REALTIME          256
#define FUTEX_WAITERS     0x80000000u
#define FUTEX_OWNER_DIED  0x40000000u
#define FUTEX_TID_MASK    0x3fffffffu

#define THREADS 4
#define FAR     1000 /* seconds */

typedef volatile uint32_t word_t;

static word_t word, other;

static inline long futex(word_t *at, int op, uint32_t value, const struct timespec *time)
{
	return syscall(SYS_futex, at, op, value, time, NULL, 0);
}

static inline uint32_t me(void)
{
	return (uint32_t)syscall(SYS_gettid);
}

/* Whose it is, and the two bits. */
static inline void say_word(const char *what, uint32_t owner)
{
	uint32_t value = word, number = value & FUTEX_TID_MASK;

	say("%s:%s%s%s", what,
	    number == 0       ? "free"
	    : number == owner ? "owned"
			      : "strange",
	    value & FUTEX_WAITERS ? "+waiters" : "", value & FUTEX_OWNER_DIED ? "+died" : "");
}

static inline void wait_until_thread_sleeps(uint32_t number)
{
	char name[64], text[512], state;

	do {
		int fd;

		snprintf(name, sizeof(name), "/proc/self/task/%u/stat", number);
		fd = open(name, O_RDONLY);
		memset(text, 0, sizeof(text));
		if (fd < 0 || read(fd, text, sizeof(text) - 1) < 0)
			say("no thread");
		close(fd);
		state = strrchr(text, ')') ? strrchr(text, ')')[2] : '?';
		usleep(1000);
	} while (state == 'R');
}

/* --- threads that do one thing --- */

struct worker {
	pthread_t thread;
	void (*body)(struct worker *worker);
	int op, priority;
	struct timespec *time;
	volatile uint32_t number;
	long result;
	int error;
};

static struct worker workers[THREADS];

static inline void *work(void *arg)
{
	struct worker *worker = arg;

	if (worker->priority)
		policy_set(0, FIFO, worker->priority);
	worker->number = me();
	worker->body(worker);
	return NULL;
}

/* Returns when it sleeps, or has ended. */
static inline void start(struct worker *worker, void (*body)(struct worker *), int op)
{
	worker->body = body;
	worker->op = op;
	worker->number = 0;
	pthread_create(&worker->thread, NULL, work, worker);
	while (!worker->number)
		usleep(1000);
}

static inline void start_asleep(struct worker *worker, void (*body)(struct worker *), int op)
{
	start(worker, body, op);
	wait_until_thread_sleeps(worker->number);
}

static inline void calls(struct worker *worker)
{
	errno = 0;
	worker->result = futex(&word, worker->op, 0, worker->time);
	worker->error = errno;
}

static inline void say_result(const char *what, struct worker *worker)
{
	pthread_join(worker->thread, NULL);
	errno = worker->error;
	ask(what, worker->result);
}

/* Takes it, says whose it is, gives it back. */
static inline void visits(struct worker *worker)
{
	calls(worker);
	say("visit=%ld", worker->result);
	say_word("in", me());
	ask("leave", futex(&word, FUTEX_UNLOCK_PI, 0, NULL));
}

/* Said only when the worker, who speaks too, has ended. */
static inline void unlock_for(struct worker *worker, int kind)
{
	long result = futex(&word, FUTEX_UNLOCK_PI | kind, 0, NULL);
	int error = errno;

	pthread_join(worker->thread, NULL);
	errno = error;
	ask("unlock", result);
}

static inline struct timespec from_now(clockid_t clock, long ms)
{
	struct timespec time;

	clock_gettime(clock, &time);
	time.tv_nsec += ms * 1000000;
	time.tv_sec += time.tv_nsec / 1000000000;
	time.tv_nsec %= 1000000000;
	return time;
}
