/* SPDX-License-Identifier: BSD-2-Clause */
#include "kernel/sched/poll.h"
#include "kernel/sched/sched.h"
#include "kernel/sched/wait.h"
#include "selftest/selftest.h"
#include "selftest/workers.h"

static struct wait_queue queue = WAIT_QUEUE_INIT(queue);
static volatile bool event;
static volatile unsigned looks;
static volatile unsigned woken;
static volatile enum wait_result result;

/* The wake comes exactly between the sleeper's look at the condition and its sleep. */
static bool look_and_wake(void)
{
	bool seen = event;

	if (++looks == 2) {
		event = true;
		wait_wake_all(&queue);
	}
	return seen;
}

SELFTEST(M14, 4, wake_before_sleep_is_kept, .needs = M8)
{
	uint64_t end = time_now_ns() + 30 * NS_PER_SEC, idle = sched_cpu_idle_ns(cpu_id());

	event = false;
	looks = 0;
	enum wait_result got = wait_event(&queue, look_and_wake(), end, WAIT_KILLABLE);

	CHECK(got == WAIT_OK && looks == 3);
	/* It was the wake, not the end of the time: it has not slept. */
	CHECK(sched_cpu_idle_ns(cpu_id()) == idle);
	CHECK(list_empty(&queue.waiters));
	return true;
}

static void wait_for_event(void *arg)
{
	(void)arg;
	result = wait_event(&queue, event, TIME_NEVER, WAIT_INTERRUPTIBLE);
	woken++;
}

SELFTEST(M14, 4, wakes_one_or_all, .needs = M8)
{
	struct workers workers;

	event = false;
	woken = 0;
	CHECK(workers_start_exact(&workers, 3, wait_for_event));
	thread_yield();
	CHECK(workers_thread(2)->state == THREAD_SLEEPING);
	CHECK(wait_wake_one(&queue)); /* the condition does not hold: it sleeps again, behind */
	thread_yield();
	CHECK(woken == 0);
	event = true;
	CHECK(wait_wake_one(&queue));
	thread_yield();
	CHECK(woken == 1);
	CHECK(wait_wake_all(&queue) == 2);
	workers_join(&workers);
	CHECK(woken == 3 && !wait_wake_one(&queue));
	return true;
}

SELFTEST(M14, 4, interrupts_end_the_right_waits, .needs = M8)
{
	struct workers workers;

	event = false;
	woken = 0;
	CHECK(workers_start_exact(&workers, 1, wait_for_event));
	thread_yield();
	thread_interrupt(workers_thread(0), THREAD_RESCHED); /* no reason to wake */
	thread_yield();
	bool slept_on = woken == 0;

	thread_interrupt(workers_thread(0), THREAD_SIGNAL);
	workers_join(&workers);
	CHECK(slept_on && woken == 1 && result == WAIT_INTR);
	/* A killable wait is deaf for signals: only time ends it. */
	thread_interrupt(thread_self(), THREAD_SIGNAL);
	enum wait_result got = wait_until(time_now_ns() + NS_PER_MS, WAIT_KILLABLE);
	enum wait_result interrupted = wait_until(time_now_ns() + NS_PER_MS, WAIT_INTERRUPTIBLE);

	thread_work_clear(THREAD_SIGNAL);
	CHECK(got == WAIT_TIMEDOUT && interrupted == WAIT_INTR);
	return true;
}

SELFTEST(M14, 9, sleeps_are_never_short, .needs = M8)
{
	event = false;
	for (unsigned i = 1; i <= 3; i++) {
		uint64_t end = time_now_ns() + i * 200 * NS_PER_US;

		CHECK(wait_event(&queue, event, end, WAIT_KILLABLE) == WAIT_TIMEDOUT);
		CHECK(time_now_ns() >= end);
	}
	CHECK(list_empty(&queue.waiters));
	return true;
}

static void make_event(void *arg)
{
	struct wait_queue *at = arg ? &queue : NULL;

	event = true;
	if (at)
		wait_wake_one(at);
}

SELFTEST(M14, 4, polls_see_every_queue, .needs = M8)
{
	static struct wait_queue silent = WAIT_QUEUE_INIT(silent);
	struct waiter entries[2];
	struct workers workers;
	struct poll_wait poll;

	event = false;
	poll_wait_init(&poll, entries, 2);
	poll_wait_add(&poll, &silent);
	poll_wait_add(&poll, &queue);
	poll_wait_add(NULL, &queue);
	CHECK(poll_wait_sleep(&poll, time_now_ns() + NS_PER_MS, WAIT_KILLABLE) == WAIT_TIMEDOUT);
	CHECK(workers_start(&workers, 2, make_event)); /* the second one wakes */
	CHECK(poll_wait_sleep(&poll, time_now_ns() + 30 * NS_PER_SEC, WAIT_KILLABLE) == WAIT_OK);
	CHECK(event && !poll.triggered);
	wait_wake_one(&silent); /* a wake between look and sleep: there is none */
	uint64_t idle = sched_cpu_idle_ns(cpu_id());

	enum wait_result at_once = poll_wait_sleep(&poll, time_now_ns() + NS_PER_MS, WAIT_KILLABLE);

	idle = sched_cpu_idle_ns(cpu_id()) - idle;
	poll_wait_add(&poll, &silent);
	bool overflow = poll.overflow;

	poll_wait_finish(&poll);
	workers_join(&workers);
	CHECK(at_once == WAIT_OK && idle == 0 && overflow);
	CHECK(list_empty(&queue.waiters) && list_empty(&silent.waiters));
	return true;
}
