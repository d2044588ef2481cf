/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A real-time thread waits at the end of a chain of three, beside a hog between: of mutexes, and of
 * programs' locks with a mutex behind them. And what is inherited lasts as long as who lends it
 * waits.
 */
#include "kernel/lib/string.h"

#include "kernel/core/time.h"
#include "kernel/sched/deadline.h"
#include "kernel/sched/inherit.h"
#include "kernel/sched/mutex.h"
#include "kernel/sched/sched.h"
#include "selftest/selftest.h"
#include "selftest/workers.h"

#define URGENT  50u
#define HOG     10u
#define WAITERS 3u

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

/* --- one owner, the running thread, and some who wait --- */

static struct inherit_lock common;
static struct inherit_waiter waiters[WAITERS];
static uint32_t may_leave[WAITERS];

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

/* In the order of their numbers, all asleep. */
static bool start_waiters(struct workers *workers, unsigned count)
{
	inherit_init(&common, thread_self());
	memset(may_leave, 0, sizeof(may_leave));
	if (!workers_start(workers, count, wait_and_leave))
		return false;
	for (unsigned i = 0; i < count; i++)
		while (workers_thread(i)->state != THREAD_SLEEPING)
			thread_yield();
	return true;
}

SELFTEST(M14, 6, inherited_as_long_as_one_waits, .needs = M8)
{
	struct thread *self = thread_self();
	struct workers workers;
	uint32_t had[5];

	CHECK(start_waiters(&workers, 2));
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

/* --- SCHED_DEADLINE --- */

static struct deadline budgets[WAITERS];

/* As if it were of that class, for who is asleep; 0: not any more. */
static void due(unsigned worker, uint64_t ns)
{
	struct thread *thread = workers_thread(worker);

	budgets[worker].due_ns = ns;
	thread->deadline = &budgets[worker];
	thread->own_realtime = ns ? REALTIME_DEADLINE : 0;
	inherit_adjust(thread);
	if (!ns)
		thread->deadline = NULL;
}

static bool is_first(unsigned worker)
{
	return inherit_first(&common) == &waiters[worker];
}

/* The one whose deadline is the earliest, before the best of the others, whoever came first. */
SELFTEST(M14, 6, earliest_deadline_is_next, .needs = M8)
{
	struct workers workers;
	bool right;

	CHECK(start_waiters(&workers, WAITERS));
	priority(2, REALTIME_BEST);
	right = is_first(2);
	due(0, 3000);
	right &= is_first(0);
	due(1, 2000);
	right &= is_first(1);
	due(0, 1000);
	right &= is_first(0);
	due(0, 2000); /* equals as they came */
	right &= is_first(1) && thread_self()->realtime == REALTIME_BEST;
	due(1, 0);
	due(0, 0);
	priority(2, 0);
	for (unsigned i = 0; i < WAITERS; i++)
		let_go(i);
	workers_join(&workers);
	CHECK(right && !thread_self()->realtime);
	return true;
}
