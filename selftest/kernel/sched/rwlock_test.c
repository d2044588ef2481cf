/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A real-time thread that waits for a rwlock lends nothing: its holder, beside a real-time hog, has
 * what real-time threads leave to all others, and that is enough for the wait to have an end.
 */
#include "kernel/sched/mutex.h"
#include "kernel/sched/runq.h"
#include "kernel/sched/sched.h"
#include "selftest/selftest.h"
#include "selftest/workers.h"

#define URGENT 50u
#define HOG    10u

enum { HOLDER, WAITER, THREADS };

static struct rwlock lock;
static struct wait_queue gate = WAIT_QUEUE_INIT(gate);
static volatile bool is_open, is_done;
static volatile bool was_throttled, was_lent;

static void hold(void)
{
	rwlock_read(&lock);
	while (!is_open)
		thread_yield();
	was_throttled = runq_self()->realtime.is_throttled;
	was_lent = thread_self()->realtime != 0;
	rwlock_read_done(&lock);
}

static void wait_for_it(void)
{
	(void)!wait_event(&gate, is_open, TIME_NEVER, WAIT_KILLABLE);
	rwlock_write(&lock);
	is_done = true;
	rwlock_write_done(&lock);
}

static void hold_or_wait(void *arg)
{
	if ((uintptr_t)arg == HOLDER)
		hold();
	else
		wait_for_it();
}

/* The hog has used all but half a quantum of what real-time threads have, in a period that has just
 * begun. */
static void nearly_throttled(struct runq *runq)
{
	runq->realtime.period_start = time_counter();
	runq->realtime.used = REALTIME_LIMIT_QUANTA * runq->quantum_ticks - runq->quantum_ticks / 2;
}

/* Until the waiter has the lock. */
static void hog_beside(void)
{
	struct runq *runq = runq_self();

	thread_realtime_set(workers_thread(WAITER), URGENT, false);
	thread_realtime_set(thread_self(), HOG, false);
	nearly_throttled(runq);
	is_open = true;
	wait_wake_one(&gate);
	uint64_t end_ns = time_now_ns() + 2 * REALTIME_PERIOD_QUANTA * SCHED_QUANTUM_NS;
	while (!is_done && time_now_ns() < end_ns)
		preempt_point();
	thread_realtime_set(thread_self(), 0, false);
}

SELFTEST(M14, 17, holders_of_rwlocks_have_the_rest, .needs = M8)
{
	struct workers workers;

	is_open = is_done = was_throttled = was_lent = false;
	rwlock_init(&lock, LOCK_LEAF_MUTEX);
	CHECK(workers_start(&workers, THREADS, hold_or_wait));
	while (lock.readers != 1 || workers_thread(WAITER)->state != THREAD_SLEEPING)
		thread_yield();
	hog_beside();
	bool in_time = is_done;
	workers_join(&workers);
	/* Not before the hog was stopped, however late the host lets it run. */
	CHECK(in_time && was_throttled && !was_lent);
	CHECK(sched_consistent());
	return true;
}
