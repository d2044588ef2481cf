/* SPDX-License-Identifier: BSD-2-Clause */
#include "kernel/lib/compiler.h"

#include "kernel/sched/mutex.h"
#include "kernel/sched/sched.h"
#include "kernel/sched/thread.h"
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
	CHECK(sched_waiting_count() >= 4 && sched_consistent());
	workers_join(&workers);
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

/* Turns, not time: an emulator whose host is busy stands still while the clock goes on. On any CPU
 * they are several quanta. */
#define TURNS_FOR_ASKING 2000000u

static bool is_asked(void)
{
	unsigned turn = 0;

	while (!(thread_work() & THREAD_RESCHED) && turn++ < TURNS_FOR_ASKING)
		cpu_relax();
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
		self->level = 0;
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

static void run_below(void *arg)
{
	(void)arg;
	thread_self()->level = THREAD_LEVELS - 1;
	thread_yield();
	hog_ran = true;
}

/* Beside a hog that is for ever on the best level, the lowest one gets a turn by the boost. */
SELFTEST(M14, 5, hogs_leave_a_turn_to_the_lowest, .needs = M8)
{
	struct thread *self = thread_self();
	struct workers workers;

	hog_ran = false;
	CHECK(workers_start(&workers, 1, run_below));
	thread_yield();
	bool early = hog_ran;

	for (unsigned turn = 0; !hog_ran && turn < 4 * TURNS_FOR_ASKING; turn++) {
		cpu_relax();
		self->level = 0;
		preempt_point();
	}
	bool ran = hog_ran;

	workers_join(&workers);
	CHECK(!early && ran);
	return true;
}

static volatile bool is_over;

static void yield_on(void *arg)
{
	(void)arg;
	while (!is_over)
		thread_yield();
}

/* Who gives the CPU away before the quantum's end has used it up all the same, later. */
SELFTEST(M14, 5, yielding_gains_nothing, .needs = M8)
{
	struct thread *self = thread_self();
	struct workers workers;

	is_over = false;
	self->level = 0;
	self->slice_ticks = 0;
	CHECK(workers_start(&workers, 1, yield_on));
	for (unsigned turn = 0; self->level == 0 && turn < TURNS_FOR_ASKING / 8; turn++)
		thread_yield();
	bool descended = self->level != 0;

	is_over = true;
	workers_join(&workers);
	CHECK(descended);
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
