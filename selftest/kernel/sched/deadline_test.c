/* SPDX-License-Identifier: BSD-2-Clause */
/* Budgets of SCHED_DEADLINE by a clock of the test's own: threads of a private queue never run. */
#include "kernel/core/time.h"
#include "kernel/sched/deadline.h"
#include "selftest/kernel/sched/private_queue.h"
#include "selftest/selftest.h"

#define MS      NS_PER_MS
#define THREADS 5u
#define BEGUN   (1000 * MS)

static struct deadline memory[THREADS];

/* 4 ms of each 10, from BEGUN on, to be used within @deadline_ns. */
static struct deadline *with_budget(struct private_queue *queue, unsigned index,
				    uint64_t deadline_ns)
{
	struct thread *thread = &queue->threads[index];
	struct deadline *deadline = &memory[index];

	deadline_init(deadline, thread);
	deadline->budget = (struct deadline_budget){4 * MS, deadline_ns, 10 * MS};
	deadline->left_ns = 4 * MS;
	deadline->due_ns = BEGUN + deadline_ns;
	thread->deadline = deadline;
	thread->own_realtime = thread->realtime = REALTIME_DEADLINE;
	return deadline;
}

/* What is used too much is taken from what follows, and that is waited for. */
SELFTEST(M14, 20, debts_are_paid, .needs = M8)
{
	struct private_queue *queue = private_queue(1);
	struct deadline *deadline = with_budget(queue, 0, 10 * MS);
	struct thread *thread = &queue->threads[0];

	deadline_charge(thread, 3 * MS);
	CHECK(deadline->left_ns == MS && !(thread->context.work & THREAD_RESCHED));
	deadline_charge(thread, 6 * MS);
	CHECK(deadline->left_ns == -5 * (int64_t)MS && thread->context.work & THREAD_RESCHED);
	deadline->is_parked = true;
	deadline_wake(thread, BEGUN + 10 * MS - 1, false);
	CHECK(deadline->left_ns == -5 * (int64_t)MS);
	deadline->is_parked = true;
	deadline_wake(thread, BEGUN + 10 * MS, false);
	CHECK(deadline->left_ns == -(int64_t)MS && deadline->due_ns == BEGUN + 20 * MS);
	deadline_wake(thread, BEGUN + 20 * MS, true);
	CHECK(deadline->left_ns == 3 * MS && deadline->due_ns == BEGUN + 30 * MS);
	deadline_charge(thread, 3 * MS);
	deadline_wake(thread, BEGUN + 55 * MS, true);
	CHECK(deadline->left_ns == 4 * MS && deadline->due_ns == BEGUN + 60 * MS);
	return true;
}

/* Who sleeps and comes back late has no more than his share until the deadline, or a new period. */
SELFTEST(M14, 20, sleep_gains_nothing, .needs = M8)
{
	struct private_queue *queue = private_queue(1);
	struct thread *thread = &queue->threads[0];
	struct deadline *deadline = with_budget(queue, 0, 10 * MS);

	deadline_charge(thread, 2 * MS);
	deadline_wake(thread, BEGUN + 5 * MS, true);
	CHECK(deadline->left_ns == 2 * MS && deadline->due_ns == BEGUN + 10 * MS);
	deadline_wake(thread, BEGUN + 6 * MS, true);
	CHECK(deadline->left_ns == 4 * MS && deadline->due_ns == BEGUN + 16 * MS);
	deadline = with_budget(queue, 0, 8 * MS);
	deadline_wake(thread, BEGUN + 6 * MS, true);
	CHECK(deadline->left_ns == MS && deadline->due_ns == BEGUN + 8 * MS);
	deadline_wake(thread, BEGUN + 9 * MS, true);
	CHECK(deadline->left_ns == 0 && deadline->due_ns == BEGUN + 8 * MS);
	deadline_wake(thread, BEGUN + 11 * MS, true);
	CHECK(deadline->left_ns == 4 * MS && deadline->due_ns == BEGUN + 18 * MS);
	return true;
}

/* The earliest deadline first, all before the best of the others, also when those are stopped. */
SELFTEST(M14, 20, deadlines_are_in_order, .needs = M8)
{
	static const unsigned order[] = {2, 0, 1};
	struct private_queue *queue = private_queue(THREADS);
	struct realtime *realtime = &queue->runq.realtime;

	with_budget(queue, 0, 7 * MS);
	with_budget(queue, 1, 9 * MS);
	with_budget(queue, 2, 5 * MS);
	queue->threads[3].realtime = REALTIME_BEST;
	for (unsigned i = 0; i < THREADS; i++)
		runq_push(&queue->runq, &queue->threads[i]);
	CHECK(runq_consistent(&queue->runq));
	realtime->is_throttled = true;
	for (unsigned i = 3; i < THREADS; i++) {
		queue->runq.running = &queue->threads[i];
		runq_remove(&queue->runq, queue->runq.running);
		CHECK(realtime_must_leave(&queue->runq, queue->runq.running, false));
	}
	for (unsigned i = 0; i < 3; i++) {
		struct thread *next = &queue->threads[order[i]];

		CHECK(deadline_first(realtime) == next);
		runq_remove(&queue->runq, next);
		CHECK(!realtime_must_leave(&queue->runq, next, true));
		queue->runq.running = next;
	}
	CHECK(realtime_goes_first(&queue->runq, &queue->threads[0]));
	CHECK(!realtime->waiting && !realtime_best(realtime));
	return true;
}
