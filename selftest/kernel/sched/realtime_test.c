/* SPDX-License-Identifier: BSD-2-Clause */
/* Real-time threads, counted in decisions of a queue of its own. */
#include "kernel/core/time.h"
#include "selftest/kernel/sched/private_queue.h"
#include "selftest/selftest.h"

#define HOGS 4u

static struct thread *realtime_thread(struct private_queue *queue, unsigned index, uint8_t priority,
				      bool takes_turns)
{
	struct thread *thread = &queue->threads[index];

	thread->realtime = priority;
	thread->takes_turns = takes_turns;
	return thread;
}

/* At its wake, whatever it has used; and nobody else takes the CPU from it. */
SELFTEST(M14, 17, realtime_runs_at_its_wake, .needs = M8)
{
	struct private_queue *queue = private_queue(HOGS + 2);
	struct thread *urgent = realtime_thread(queue, HOGS, 1, false);

	private_queue_start(queue, HOGS);
	for (unsigned round = 0; round < 20; round++) {
		private_queue_run(queue, queue->now_ns + 2 * SCHED_QUANTUM_NS);
		CHECK(private_queue_wake(queue, HOGS, false));
		private_queue_exchange(queue);
		CHECK(queue->runq.running == urgent);
		private_queue_use(queue, SCHED_QUANTUM_NS / 2);
		CHECK(!realtime_must_leave(&queue->runq, urgent, true));
		CHECK(!private_queue_wake(queue, HOGS + 1, false));
		runq_remove(&queue->runq, &queue->threads[HOGS + 1]);
		private_queue_sleep(queue);
	}
	CHECK(runq_consistent(&queue->runq));
	return true;
}

/* The best priority first; who was interrupted before his equals; who yields behind them. */
SELFTEST(M14, 17, priorities_are_in_order, .needs = M8)
{
	static const uint8_t priorities[] = {1, 50, 99, 50, 64, 63};
	static const unsigned order[] = {2, 4, 5, 1, 3, 0};
	struct private_queue *queue = private_queue(ARRAY_SIZE(priorities) + 1);

	for (unsigned i = 0; i < ARRAY_SIZE(priorities); i++) {
		realtime_thread(queue, i, priorities[i], false);
		runq_push(&queue->runq, &queue->threads[i]);
	}
	runq_push(&queue->runq, &queue->threads[ARRAY_SIZE(priorities)]);
	CHECK(runq_consistent(&queue->runq));
	for (unsigned i = 0; i < 3; i++)
		CHECK(runq_pop(&queue->runq) == &queue->threads[order[i]]);
	queue->runq.running = runq_pop(&queue->runq);
	CHECK(queue->runq.running == &queue->threads[1]);
	private_queue_exchange(queue);
	CHECK(queue->runq.running == &queue->threads[1]);
	private_queue_yield(queue);
	CHECK(queue->runq.running == &queue->threads[3]);
	private_queue_sleep(queue);
	private_queue_sleep(queue);
	private_queue_sleep(queue);
	CHECK(queue->runq.running == &queue->threads[ARRAY_SIZE(priorities)]);
	return true;
}

/* SCHED_RR takes turns by quanta, SCHED_FIFO does not. */
SELFTEST(M14, 17, turns_are_taken_by_quanta, .needs = M8)
{
	for (unsigned takes_turns = 0; takes_turns < 2; takes_turns++) {
		struct private_queue *queue = private_queue(2);

		for (unsigned i = 0; i < 2; i++)
			realtime_thread(queue, i, 7, takes_turns);
		private_queue_start(queue, 2);
		for (unsigned turn = 0; turn < 6; turn++) {
			struct thread *running = queue->runq.running;

			CHECK(running == &queue->threads[takes_turns ? turn % 2 : 0]);
			private_queue_use(queue, SCHED_QUANTUM_NS);
			if (realtime_must_leave(&queue->runq, running, true))
				private_queue_exchange(queue);
		}
	}
	return true;
}

/* Real-time hogs leave five quanta of a hundred to the others; alone they have all. */
SELFTEST(M14, 17, realtime_has_a_limit, .needs = M8)
{
	struct private_queue *queue = private_queue(3);

	realtime_thread(queue, 0, 99, false);
	realtime_thread(queue, 1, 50, true);
	private_queue_start(queue, 3);
	while (queue->now_ns < 10 * NS_PER_SEC) {
		private_queue_use(queue, SCHED_QUANTUM_NS);
		if (realtime_must_leave(&queue->runq, queue->runq.running, true))
			private_queue_exchange(queue);
	}
	CHECK(is_near(queue->used_ns[2], queue->now_ns / 20, 10));
	CHECK(queue->used_ns[1] == 0);
	queue = private_queue(2);
	realtime_thread(queue, 0, 99, false);
	private_queue_start(queue, 1);
	while (queue->now_ns < 2 * NS_PER_SEC) {
		private_queue_use(queue, SCHED_QUANTUM_NS);
		CHECK(!realtime_must_leave(&queue->runq, queue->runq.running, true));
	}
	return true;
}
