/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A real-time thread waits at the end of a chain of three, beside a hog between: of mutexes, and of
 * programs' locks with a mutex behind them. And what is inherited lasts as long as who lends it
 * waits.
 */
#include "kernel/core/time.h"
#include "kernel/sched/inherit.h"
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

/* Lets the waiter begin beside a hog. Return: the hog's turns until it was done. */
static unsigned hog_beside(void)
{
	unsigned turns = 0;

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
	return turns;
}

static bool nothing_is_left(void)
{
	for (unsigned i = 0; i < THREADS; i++)
		if (seen[i] != (i == WAITER ? URGENT : 0))
			return false;
	return sched_consistent();
}

SELFTEST(M14, 6, loans_go_along_a_chain, .needs = M8)
{
	struct workers workers;
	unsigned turns;

	is_open = is_done = false;
	CHECK(workers_start(&workers, THREADS, hold_and_wait));
	while (!is_ready())
		thread_yield();
	turns = hog_beside();
	workers_join(&workers);
	CHECK(turns <= 1);
	CHECK(nothing_is_left());
	return true;
}

/* --- locks of programs --- */

/* Each owner's, and who waits for it. */
static struct link {
	struct inherit_lock lock;
	struct inherit_waiter waiter;
	uint32_t is_passed;
} links[THREADS];

static void link_wait(struct link *link)
{
	if (inherit_join(&link->lock, &link->waiter) == OK)
		thread_wait_flag(&link->is_passed);
}

static void link_pass(struct link *link)
{
	struct inherit_waiter *first = inherit_first(&link->lock);

	inherit_pass(first);
	__atomic_store_n(&link->is_passed, 1, __ATOMIC_SEQ_CST);
	thread_wake(first->thread);
}

/* As hold_and_wait(), but only the last one's is a mutex. */
static void own_and_wait(void *arg)
{
	unsigned me = (unsigned)(uintptr_t)arg;

	if (me == WAITER)
		(void)!wait_event(&gate, is_open, TIME_NEVER, WAIT_KILLABLE);
	if (me > MIDDLE)
		link_wait(&links[me - 1]);
	else
		mutex_lock(&chain[LAST]);
	if (me == LAST)
		while (!is_open)
			thread_yield();
	if (me <= MIDDLE)
		mutex_unlock(&chain[LAST]);
	if (me == WAITER)
		is_done = true;
	else if (me != LAST)
		link_pass(&links[me]);
	seen[me] = thread_self()->realtime;
}

static bool all_wait(void)
{
	for (unsigned i = MIDDLE; i < THREADS; i++)
		if (workers_thread(i)->state != THREAD_SLEEPING)
			return false;
	return chain[LAST].owner && inherit_first(&links[MIDDLE].lock);
}

SELFTEST(M14, 6, loans_go_along_programs_locks, .needs = M8)
{
	struct workers workers;
	unsigned turns;

	is_open = is_done = false;
	for (unsigned i = 0; i < THREADS; i++) {
		links[i].is_passed = 0;
		inherit_init(&links[i].lock, workers_thread(i));
	}
	CHECK(workers_start(&workers, THREADS, own_and_wait));
	while (!all_wait())
		thread_yield();
	turns = hog_beside();
	workers_join(&workers);
	CHECK(turns <= 1);
	CHECK(nothing_is_left());
	return true;
}

/* --- one owner, the running thread, and two who wait --- */

static struct inherit_lock common;
static struct inherit_waiter waiters[2];
static uint32_t may_leave[2];

static void wait_and_leave(void *arg)
{
	unsigned me = (unsigned)(uintptr_t)arg;

	if (inherit_join(&common, &waiters[me]) != OK)
		return;
	thread_wait_flag(&may_leave[me]);
	inherit_leave(&waiters[me]);
}

static void priority(unsigned worker, uint32_t priority)
{
	thread_realtime_set(workers_thread(worker), priority, false);
	inherit_adjust(workers_thread(worker));
}

static void let_go(unsigned worker)
{
	__atomic_store_n(&may_leave[worker], 1, __ATOMIC_SEQ_CST);
	thread_wake(workers_thread(worker));
	while (READ_ONCE(workers_thread(worker)->state) != THREAD_DEAD)
		thread_yield();
}

SELFTEST(M14, 6, inherited_as_long_as_one_waits, .needs = M8)
{
	struct thread *self = thread_self();
	struct workers workers;
	uint32_t had[5];

	may_leave[0] = may_leave[1] = 0;
	inherit_init(&common, self);
	CHECK(workers_start(&workers, 2, wait_and_leave));
	while (workers_thread(0)->state != THREAD_SLEEPING ||
	       workers_thread(1)->state != THREAD_SLEEPING)
		thread_yield();
	priority(0, 30);
	had[0] = self->realtime;
	priority(1, 50);
	had[1] = self->realtime;
	bool is_first = inherit_first(&common) == &waiters[1];
	priority(1, 20);
	had[2] = self->realtime;
	is_first &= inherit_first(&common) == &waiters[0];
	/* Who is more urgent would keep the CPU. */
	priority(0, 0);
	had[3] = self->realtime;
	let_go(1);
	had[4] = self->realtime;
	/* An owner that ends calls the first, and owns nothing. */
	inherit_end();
	bool is_called = inherit_may_take(&waiters[0]) && waiters[0].is_called;
	let_go(0);
	workers_join(&workers);
	CHECK(had[0] == 30 && had[1] == 50 && had[2] == 30 && had[3] == 20 && had[4] == 0);
	CHECK(is_first && is_called && !self->inherit.owned.root);
	return true;
}
