/* SPDX-License-Identifier: BSD-2-Clause */
#include "kernel/lib/compiler.h"

#include "kernel/core/time.h"
#include "kernel/sched/mutex.h"
#include "kernel/sched/runq.h"
#include "kernel/sched/sched.h"
#include "kernel/sched/thread.h"
#include "kernel/sched/wait.h"
#include "mm/kstack.h"
#include "selftest/expect.h"
#include "selftest/selftest.h"
#include "selftest/workers.h"

static volatile unsigned turns[8];
static volatile unsigned turn_count;

static void take_turns(void *arg)
{
	unsigned me = (unsigned)(uintptr_t)arg;

	for (unsigned i = 0; i < 2; i++) {
		if (turn_count < ARRAY_SIZE(turns))
			turns[turn_count++] = me;
		thread_yield();
	}
}

SELFTEST(M14, 7, run_queue_is_fair, .needs = M8)
{
	struct workers workers;

	turn_count = 0;
	CHECK(workers_start_exact(&workers, 4, take_turns));
	bool all_wait = sched_waiting_count() >= 4 && sched_consistent();

	workers_join(&workers);
	CHECK(all_wait);
	/* First in, first out, twice round. */
	CHECK(turn_count == 8);
	for (unsigned i = 0; i < 8; i++)
		CHECK(turns[i] == i % 4);
	CHECK(sched_consistent());
	return true;
}

static volatile bool hog_ran;

static void note_run(void *arg)
{
	(void)arg;
	hog_ran = true;
}

/*
 * Turns and time: an emulator's clock goes on while its host is busy, and its interrupts may be
 * late by many turns. On any CPU they are several quanta.
 */
#define TURNS_FOR_ASKING 2000000u
#define NS_FOR_ASKING    (20 * NS_PER_SEC)

static bool has_patience(unsigned turn, uint64_t start_ns)
{
	compiler_barrier();
	return turn < TURNS_FOR_ASKING ||
	       (turn % 1024 != 0 || time_now_ns() - start_ns < NS_FOR_ASKING);
}

static bool is_asked(void)
{
	uint64_t start = time_now_ns();
	unsigned turn = 0;

	while (!(thread_work() & THREAD_RESCHED) && has_patience(turn, start))
		turn++;
	return thread_work() & THREAD_RESCHED;
}

/* The running thread is asked to give the CPU away when its quantum is over, three times in a row.
 */
SELFTEST(M8, 1, quantum_ends)
{
	for (unsigned round = 0; round < 3; round++) {
		struct thread *self = thread_self();
		struct workers workers;

		/* The other one is no better: its wake alone asks for nothing. */
		self->slice_ticks = 0;
		hog_ran = false;
		CHECK(workers_start(&workers, 1, note_run));
		bool asked = is_asked(), early = hog_ran;

		preempt_point();
		bool ran = hog_ran;

		workers_join(&workers);
		CHECK(asked && !early && ran);
	}
	return true;
}

static void fill_idle_slice(struct timer *timer)
{
	struct runq *runq = runq_self();

	(void)timer;
	runq->idle->slice_ticks = 2 * runq->quantum_ticks;
}

/* How far away the quantum's end is set by one that meets a wake, in one interrupt of the idle
 * thread. */
static uint64_t next_end_ns(void)
{
	struct runq *runq = runq_self();
	uint64_t flags = irq_save(), end = time_now_ns() + 5 * NS_PER_MS;
	struct timer filler;

	timer_init(&filler, fill_idle_slice);
	timer_start(&filler, end);
	timer_start(&runq->quantum, end + 1);
	irq_restore(flags);
	(void)!wait_until(end, WAIT_KILLABLE);
	flags = irq_save();
	uint64_t next = runq->quantum.armed ? runq->quantum.deadline_ns : 0, now = time_now_ns();

	timer_start(&runq->quantum, now + SCHED_QUANTUM_NS);
	timer_cancel(&filler);
	irq_restore(flags);
	return next > now ? next - now : 0;
}

/* What the idle thread has used counts for nothing, be it more than a quantum. */
SELFTEST(M8, 1, idle_has_no_quantum)
{
	/* A stalled emulator wakes without having slept. */
	for (unsigned round = 0; round < 4; round++)
		CHECK(next_end_ns() <= SCHED_QUANTUM_NS);
	return true;
}

static void run_light(void *arg)
{
	(void)arg;
	thread_weight_set(thread_self(), WEIGHT_IDLE, true);
	thread_self()->turn.vtime += CALENDAR_AHEAD_NS;
	schedule();
	hog_ran = true;
}

/* Beside a hog that weighs much the lightest gets a turn, because quanta end. */
SELFTEST(M14, 5, hogs_leave_a_turn_to_the_lightest, .needs = M8)
{
	struct workers workers;

	hog_ran = false;
	CHECK(workers_start(&workers, 1, run_light));
	thread_yield();
	bool early = hog_ran;

	uint64_t start = time_now_ns();

	for (unsigned turn = 0; !hog_ran && has_patience(turn, start); turn++)
		preempt_point();
	bool ran = hog_ran;

	workers_join(&workers);
	CHECK(!early && ran);
	return true;
}

static struct wait_queue nap = WAIT_QUEUE_INIT(nap);
static volatile bool nap_over;

static void take_a_nap(void *arg)
{
	(void)arg;
	(void)!wait_event(&nap, nap_over, TIME_NEVER, WAIT_KILLABLE);
}

/* The wake of one who has used less asks for the CPU at once. */
SELFTEST(M14, 16, sleepers_ask_at_once, .needs = M8)
{
	struct workers workers;

	nap_over = false;
	CHECK(workers_start_exact(&workers, 1, take_a_nap));
	thread_yield();
	bool before = thread_work() & THREAD_RESCHED;

	thread_self()->turn.vtime += 2 * SCHED_PREEMPT_NS;
	nap_over = true;
	wait_wake_one(&nap);
	bool asked = thread_work() & THREAD_RESCHED;

	workers_join(&workers);
	CHECK(!before && asked);
	return true;
}

static volatile bool is_over;

static void yield_on(void *arg)
{
	(void)arg;
	while (!is_over)
		thread_yield();
}

/* Who gives the CPU away before the quantum's end has used of it what he has used. */
SELFTEST(M14, 5, yielding_gains_nothing, .needs = M8)
{
	struct thread *self = thread_self();
	struct workers workers;

	is_over = false;
	CHECK(workers_start_exact(&workers, 1, yield_on));
	thread_yield();
	uint64_t slice = self->slice_ticks, used = self->cpu_ticks, switches = self->switch_count;

	for (unsigned turn = 0; turn < 100; turn++)
		thread_yield();
	slice = self->slice_ticks - slice;
	used = self->cpu_ticks - used;
	switches = self->switch_count - switches;
	is_over = true;
	workers_join(&workers);
	CHECK(switches >= 100 && used != 0 && slice == used);
	return true;
}

static bool was_refused;

static void do_free_stack(void *stack)
{
	kstack_free(stack);
}

static void free_own_stack(void *arg)
{
	(void)arg;
	was_refused = expect_assert(do_free_stack, thread_self()->stack_base);
}

/* A thread that frees its stack before the last switch is stopped there. */
SELFTEST(M8, 6, stack_in_use_is_not_freed)
{
	struct workers workers;

	was_refused = false;
	CHECK(workers_start(&workers, 1, free_own_stack));
	workers_join(&workers);
	CHECK(was_refused);
	return true;
}

static struct mutex mutex = MUTEX_INIT(mutex, LOCK_LEAF_MUTEX);
static struct rwlock rwlock;
static volatile unsigned inside;
static volatile unsigned most_inside;
static volatile unsigned rounds_done;

static void with_mutex(void *arg)
{
	(void)arg;
	for (unsigned i = 0; i < 5; i++) {
		mutex_lock(&mutex);
		inside++;
		thread_yield();
		if (inside > most_inside)
			most_inside = inside;
		inside--;
		rounds_done++;
		mutex_unlock(&mutex);
	}
}

SELFTEST(M14, 7, mutex_excludes, .needs = M8)
{
	struct workers workers;

	inside = most_inside = rounds_done = 0;
	CHECK(workers_start(&workers, 4, with_mutex));
	workers_join(&workers);
	CHECK(most_inside == 1 && rounds_done == 20);
	CHECK(!mutex.owner && sched_consistent());
	return true;
}

static void with_rwlock(void *arg)
{
	bool writer = (uintptr_t)arg == 3;

	for (unsigned i = 0; i < 4; i++) {
		if (writer)
			rwlock_write(&rwlock);
		else
			rwlock_read(&rwlock);
		inside += writer ? 100 : 1;
		if (inside > most_inside)
			most_inside = inside;
		thread_yield();
		inside -= writer ? 100 : 1;
		if (writer)
			rwlock_write_done(&rwlock);
		else
			rwlock_read_done(&rwlock);
		thread_yield();
	}
}

SELFTEST(M14, 7, rwlock_excludes_writers, .needs = M8)
{
	struct workers workers;

	rwlock_init(&rwlock, LOCK_LEAF_MUTEX);
	inside = most_inside = 0;
	CHECK(workers_start(&workers, 4, with_rwlock));
	workers_join(&workers);
	CHECK(most_inside == 100); /* the writer was alone, and was there */
	CHECK(inside == 0 && rwlock.readers == 0);
	return true;
}
