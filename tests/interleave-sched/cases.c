/* SPDX-License-Identifier: BSD-2-Clause */
/* kernel/sched: wakes, steals, moves and gives at once. Each thread runs to its end, on one CPU at
 * a time. */
#include "tests/interleave/cases.h"

#include "kernel/sched/deadline.h"
#include "tests/interleave-sched/machine.h"

static unsigned event, woken, steps[SCHED_THREADS];
static bool is_bound; /* thread 1 may run on CPU 2 only */

static void reset(void)
{
	event = woken = 0;
	is_bound = false;
	for (unsigned i = 0; i < SCHED_THREADS; i++)
		steps[i] = 0;
}

/* Thread 0 sleeps until the event, the others make it happen. */
static void sleep_or_wake(unsigned thread)
{
	if (thread) {
		__atomic_store_n(&event, 1, __ATOMIC_SEQ_CST);
		woken += thread_wake(&sched_threads[0]);
		thread_exit_switch();
	}
	if (!READ_ONCE(event)) {
		__atomic_store_n(&sched_threads[0].state, THREAD_SLEEPING, __ATOMIC_SEQ_CST);
		if (!__atomic_load_n(&event, __ATOMIC_SEQ_CST)) {
			schedule();
			return;
		}
		WRITE_ONCE(sched_threads[0].state, THREAD_RUNNABLE);
	}
	thread_exit_switch();
}

/* CPU 1 is idle at first. */
static void wake_setup(void)
{
	reset();
	sched_machine(2, 2, sleep_or_wake);
	sched_dispatch(0, 0);
	sched_queue(1, 0);
}

static void wakes_setup(void)
{
	reset();
	sched_machine(3, 3, sleep_or_wake);
	for (unsigned i = 0; i < 3; i++)
		sched_dispatch(i, i);
}

static void check_wakes(void)
{
	sched_check();
	MUST(woken <= 1);
}

/* Each gives the CPU away once. */
static void yield_once(unsigned thread)
{
	if (!steps[thread]++)
		sched_give_away();
	else
		thread_exit_switch();
}

static void yield_setup(void)
{
	reset();
	sched_machine(2, 3, yield_once);
	sched_dispatch(0, 0);
	sched_queue(1, 0);
	sched_queue(2, 0);
}

/* Thread 2 binds thread 1 to CPU 2, which is idle at first. */
static void bind_or_yield(unsigned thread)
{
	static bool was_bound;
	struct cpu_set there = {.words = {0}};

	if (thread == 2) {
		cpu_set_add(&there, 2);
		MUST(thread_affinity_set(&sched_threads[1], &there));
		WRITE_ONCE(is_bound, true);
	} else if (thread == 1) {
		if (!steps[1]++) {
			was_bound = READ_ONCE(is_bound);
			sched_give_away();
			return;
		}
		MUST(!was_bound || cpu_id() == 2);
	}
	thread_exit_switch();
}

static void bind_setup(void)
{
	reset();
	sched_machine(3, 3, bind_or_yield);
	sched_dispatch(0, 0);
	sched_queue(1, 0);
	sched_dispatch(2, 1);
}

/* Thread 0 is at its quantum's end; CPU 1 becomes idle. */
static void balance_or_end(unsigned thread)
{
	if (!thread && !steps[0]++) {
		irq_disable();
		balance(runq_self());
		irq_enable();
		return;
	}
	thread_exit_switch();
}

static void balance_setup(void)
{
	reset();
	sched_machine(2, 3, balance_or_end);
	sched_dispatch(0, 0);
	sched_queue(1, 0);
	sched_queue(2, 0);
}

static struct deadline memory;
static bool has_budget, is_closed;

/* Thread 0 takes a budget, for which it has CPU 0 only, while thread 1 closes that CPU. */
static void budget_or_close(unsigned thread)
{
	static const struct deadline_budget budget = {10000000, 100000000, 100000000};

	if (thread)
		is_closed = deadline_close(0);
	else
		has_budget = thread_deadline_set(&sched_threads[0], &memory, &budget);
	thread_exit_switch();
}

static void close_setup(void)
{
	const struct cpu_set first = {.words = {1}};

	reset();
	has_budget = is_closed = false;
	deadline_open(0);
	sched_machine(2, 2, budget_or_close);
	deadline_init(&memory, &sched_threads[0]);
	sched_threads[0].affinity = first;
	sched_dispatch(0, 0);
	sched_dispatch(1, 1);
}

/* It is one or the other; what was not taken is not counted. */
static void check_close(void)
{
	sched_check();
	MUST(!has_budget || !is_closed);
	MUST(runqs[0]->realtime.deadline_share == (has_budget ? memory.share : 0));
}

static const struct scenario budget_close = {"budget and close", 2,         3,
					     close_setup,        sched_run, check_close};
static const struct scenario run_queue_wake = {"run queue wake", 2,         3,
					       wake_setup,       sched_run, check_wakes};
static const struct scenario run_queue_wakes = {"run queue wakes", 3,         2,
						wakes_setup,       sched_run, check_wakes};
static const struct scenario run_queue_yield = {"run queue yield", 2,         3,
						yield_setup,       sched_run, sched_check};
static const struct scenario run_queue_bind = {"run queue bind", 3,         2,
					       bind_setup,       sched_run, sched_check};
static const struct scenario run_queue_balance = {"run queue balance", 2,         3,
						  balance_setup,       sched_run, sched_check};

const struct scenario *const scenarios[] = {
	&run_queue_wake,
	&run_queue_wakes,
	&run_queue_yield,
	&run_queue_bind,
	&run_queue_balance,
	&budget_close,
	NULL,
};
