/* SPDX-License-Identifier: BSD-2-Clause */
/* The order of the run queue, on a queue of its own with threads that never run. */
#include "kernel/lib/string.h"

#include "kernel/sched/runq.h"
#include "selftest/kernel/sched/private_queue.h"
#include "selftest/selftest.h"

#define THREADS 6

/* Which thread comes next; THREADS for the idle one. */
static unsigned next(struct private_queue *queue)
{
	const struct thread *thread = runq_pop(&queue->runq);

	return thread == &queue->idle ? THREADS : (unsigned)(thread - queue->threads);
}

SELFTEST(M14, 5, groups_take_turns, .needs = M8)
{
	/* Five threads of one user wait already when the single one of another comes. */
	static const unsigned order[] = {0, 5, 1, 2, 3, 4, THREADS};
	struct private_queue *queue = private_queue(THREADS);

	private_queue_set_user(queue, &queue->threads[THREADS - 1], 1);
	for (unsigned i = 0; i < THREADS; i++)
		runq_push(&queue->runq, &queue->threads[i]);
	for (unsigned i = 0; i < ARRAY_SIZE(order); i++)
		CHECK(next(queue) == order[i]);
	/* And as long as it comes back, it gets every second turn. */
	for (unsigned i = 0; i < THREADS; i++)
		runq_push(&queue->runq, &queue->threads[i]);
	for (unsigned turn = 0; turn < 8; turn++) {
		unsigned got = next(queue);
		CHECK((got == THREADS - 1) == (turn % 2 == 1));
		runq_push(&queue->runq, &queue->threads[got]);
	}
	return true;
}

SELFTEST(M14, 5, calendar_keeps_the_order, .needs = M8)
{
	static const uint64_t steps[THREADS] = {30, 7, 38, 0, 7, 21};
	static const unsigned order[] = {3, 1, 4, 5, 0, 2, THREADS};
	struct private_queue *queue = private_queue(THREADS);

	/* At every place of the ring. */
	for (unsigned round = 0; round < 2 * CALENDAR_BUCKETS; round++) {
		struct calendar *calendar = &queue->parts[0].threads;

		for (unsigned i = 0; i < THREADS; i++) {
			queue->threads[i].turn.vtime = calendar->now + steps[i] * CALENDAR_STEP_NS;
			runq_push(&queue->runq, &queue->threads[i]);
		}
		CHECK(runq_consistent(&queue->runq));
		for (unsigned i = 0; i < ARRAY_SIZE(order); i++)
			CHECK(next(queue) == order[i]);
		calendar_advance(calendar, calendar->now + CALENDAR_STEP_NS);
	}
	return true;
}

SELFTEST(M14, 5, calendar_has_an_end, .needs = M8)
{
	struct private_queue *queue = private_queue(THREADS);
	struct calendar *calendar = &queue->parts[0].threads;
	struct calendar_entry *early = &queue->threads[0].turn, *late = &queue->threads[1].turn;

	early->vtime = 0;
	late->vtime = calendar->now + 1000 * CALENDAR_AHEAD_NS;
	for (unsigned i = 0; i < 3; i++)
		runq_push(&queue->runq, &queue->threads[i]);
	CHECK(early->vtime == calendar->now - CALENDAR_CREDIT_NS);
	CHECK(late->vtime == calendar->now + CALENDAR_AHEAD_NS);
	CHECK(next(queue) == 0);
	CHECK(next(queue) == 2);
	CHECK(next(queue) == 1);
	return true;
}

SELFTEST(M14, 5, lag_goes_along, .needs = M8)
{
	struct private_queue *queue = private_queue(THREADS);
	struct thread *thread = &queue->threads[0];
	uint64_t lag = 5 * CALENDAR_STEP_NS;

	/* To a user whose time has gone on further, and back. */
	calendar_advance(&queue->parts[1].threads, 1000 * CALENDAR_AHEAD_NS);
	thread->turn.vtime = queue->parts[0].threads.now + lag;
	runq_change_group(&queue->runq, thread, &queue->users[1]);
	CHECK(thread->turn.vtime == queue->parts[1].threads.now + lag);
	runq_change_group(&queue->runq, thread, &queue->users[0]);
	CHECK(thread->turn.vtime == queue->parts[0].threads.now + lag);
	return true;
}
