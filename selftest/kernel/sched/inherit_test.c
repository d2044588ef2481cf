/* SPDX-License-Identifier: BSD-2-Clause */
/* A real-time thread waits for a mutex at the end of a chain of three, beside a hog between. */
#include "kernel/core/time.h"
#include "kernel/sched/mutex.h"
#include "kernel/sched/sched.h"
#include "selftest/selftest.h"
#include "selftest/workers.h"

#define URGENT 50u
#define HOG    10u

enum { LAST, MIDDLE, FIRST, WAITER, THREADS };

/* The last one's owner waits for nobody, each other's for the next. */
static struct mutex chain[WAITER] = {
	[LAST] = MUTEX_INIT(chain[LAST], LOCK_LEAF_MUTEX),
	[MIDDLE] = MUTEX_INIT(chain[MIDDLE], LOCK_FILE_LOCKS),
	[FIRST] = MUTEX_INIT(chain[FIRST], LOCK_EPOLL),
};
static struct wait_queue gate = WAIT_QUEUE_INIT(gate);
static volatile bool is_open, is_done;
static volatile unsigned seen[THREADS]; /* each one's priority afterwards */

static void hold_and_wait(void *arg)
{
	unsigned me = (unsigned)(uintptr_t)arg;

	if (me != WAITER)
		mutex_lock(&chain[me]);
	if (me == LAST)
		while (!is_open)
			thread_yield();
	if (me == WAITER)
		(void)!wait_event(&gate, is_open, TIME_NEVER, WAIT_KILLABLE);
	if (me != LAST) {
		mutex_lock(&chain[me - 1]);
		mutex_unlock(&chain[me - 1]);
	}
	if (me == WAITER)
		is_done = true;
	else
		mutex_unlock(&chain[me]);
	seen[me] = thread_self()->realtime;
}

/* All stand where they should: the owners of the first two and the last one asleep. */
static bool is_ready(void)
{
	for (unsigned i = MIDDLE; i < THREADS; i++)
		if (workers_thread(i)->state != THREAD_SLEEPING)
			return false;
	return chain[LAST].owner && chain[MIDDLE].owner && chain[FIRST].owner;
}

SELFTEST(M14, 6, loans_go_along_a_chain, .needs = M8)
{
	struct workers workers;
	unsigned turns = 0;

	is_open = is_done = false;
	CHECK(workers_start(&workers, THREADS, hold_and_wait));
	while (!is_ready())
		thread_yield();
	thread_realtime_set(workers_thread(WAITER), URGENT, false);
	thread_realtime_set(thread_self(), HOG, false);
	is_open = true;
	wait_wake_one(&gate);
	/* Whoever has nothing lent has no turn beside this one. */
	while (!is_done && turns < 1000) {
		turns++;
		preempt_point();
	}
	thread_realtime_set(thread_self(), 0, false);
	workers_join(&workers);
	CHECK(turns <= 1);
	for (unsigned i = 0; i < THREADS; i++)
		CHECK(seen[i] == (i == WAITER ? URGENT : 0));
	CHECK(sched_consistent());
	return true;
}
