/* SPDX-License-Identifier: BSD-2-Clause */
/* Shares, bounds and what is gained by cheating, counted in decisions of a queue of its own. */
#include "kernel/core/time.h"
#include "kernel/sched/balance.h"
#include "selftest/kernel/sched/private_queue.h"
#include "selftest/selftest.h"

#define HOGS 8u

/* For every number that still gets whole slices of a second. */
SELFTEST(M14, 15, threads_share_equally, .needs = M8)
{
	for (unsigned count = 2; count <= 10; count++) {
		struct private_queue *queue = private_queue(count);

		private_queue_start(queue, count);
		private_queue_run(queue, NS_PER_SEC);
		for (unsigned i = 0; i < count; i++)
			CHECK(is_near(queue->used_ns[i], queue->now_ns / count, 3));
		CHECK(runq_consistent(&queue->runq));
	}
	return true;
}

/* One thread of little weight, with short slices, is a user too. */
SELFTEST(M14, 15, users_share_equally, .needs = M8)
{
	for (unsigned count = 2; count <= PRIVATE_THREADS; count++) {
		struct private_queue *queue = private_queue(count);
		struct thread *alone = &queue->threads[count - 1];

		private_queue_set_user(queue, alone, 1);
		thread_weight_set(alone, weight_of_nice(19), false);
		private_queue_start(queue, count);
		private_queue_run(queue, NS_PER_SEC);
		CHECK(is_near(queue->used_ns[count - 1], queue->now_ns / 2, 3));
	}
	return true;
}

SELFTEST(M14, 15, weights_are_kept, .needs = M8)
{
	static const int32_t nices[] = {-20, -10, -5, -1, 1, 5, 10};

	/* A step is a quarter, as far as whole numbers can tell. */
	CHECK(weight_of_nice(0) == WEIGHT_NORMAL);
	for (int32_t nice = -20; nice < 19; nice++)
		CHECK(is_near(weight_of_nice(nice + 1) * 5, weight_of_nice(nice) * 4, 5));
	for (unsigned i = 0; i < ARRAY_SIZE(nices); i++) {
		struct private_queue *queue = private_queue(2);
		uint64_t weight = weight_of_nice(nices[i]);

		thread_weight_set(&queue->threads[1], (uint32_t)weight, false);
		private_queue_start(queue, 2);
		private_queue_run(queue, 4 * NS_PER_SEC);
		uint64_t wanted = queue->now_ns * weight / (weight + WEIGHT_NORMAL);

		CHECK(is_near(queue->used_ns[1], wanted, 3));
	}
	return true;
}

/* The least nice, and SCHED_IDLE, among hogs: the end of the calendar is a bound for each. */
SELFTEST(M14, 5, lightest_gets_a_turn, .needs = M8)
{
	static const uint32_t weights[] = {WEIGHT_IDLE, 15};

	for (unsigned i = 0; i < ARRAY_SIZE(weights); i++) {
		struct private_queue *queue = private_queue(HOGS + 1);
		uint64_t longest = 0, since = 0;

		thread_weight_set(&queue->threads[HOGS], weights[i], false);
		private_queue_start(queue, HOGS + 1);
		while (queue->now_ns < 4 * NS_PER_SEC) {
			uint64_t used = queue->used_ns[HOGS];

			private_queue_run(queue, queue->now_ns + 1);
			since = queue->used_ns[HOGS] == used ? since : queue->now_ns;
			longest = MAX(longest, queue->now_ns - since);
		}
		CHECK(since && longest <= HOGS * (CALENDAR_AHEAD_NS + 2 * SCHED_QUANTUM_NS));
		/* And it is light. */
		CHECK(queue->used_ns[HOGS] < queue->now_ns / HOGS / 30);
	}
	return true;
}

/* Whoever sleeps and uses less than his share has the CPU at once beside any number of hogs. */
SELFTEST(M14, 16, sleepers_run_at_once, .needs = M8)
{
	struct private_queue *queue = private_queue(HOGS + 1);

	private_queue_start(queue, HOGS);
	for (unsigned round = 0; round < 100; round++) {
		private_queue_run(queue, queue->now_ns + 3 * SCHED_QUANTUM_NS);
		CHECK(private_queue_wake(queue, HOGS, false));
		private_queue_exchange(queue);
		CHECK(queue->runq.running == &queue->threads[HOGS]);
		private_queue_use(queue, SCHED_QUANTUM_NS / 100);
		private_queue_sleep(queue);
	}
	return true;
}

/* However long one has slept: he is ahead by the credit, and what the hog has not been charged. */
SELFTEST(M14, 16, credit_is_bounded, .needs = M8)
{
	struct private_queue *queue = private_queue(2);

	private_queue_start(queue, 1);
	for (unsigned i = 0; i < 500; i++)
		private_queue_use(queue, SCHED_QUANTUM_NS);
	private_queue_wake(queue, 1, false);
	private_queue_exchange(queue);
	uint64_t start = queue->now_ns;

	CHECK(queue->runq.running == &queue->threads[1]);
	while (queue->runq.running == &queue->threads[1]) {
		private_queue_use(queue, CALENDAR_STEP_NS);
		private_queue_exchange(queue);
	}
	CHECK(queue->now_ns - start <= CALENDAR_CREDIT_NS + CALENDAR_STEP_NS + SCHED_QUANTUM_NS);
	return true;
}

/* A CPU gives a thread to one that has fewer and is ahead, or that has none of the group. */
SELFTEST(M14, 18, cpus_give_to_who_has_less, .needs = M8)
{
	uint64_t now = 1000 * CALENDAR_AHEAD_NS, ahead = now + 2 * CALENDAR_STEP_NS;
	struct balance_sample mine = {.members = 2, .now = now, .has_turns = true};
	struct balance_sample fewer = {.members = 1, .now = ahead, .has_turns = true};
	struct balance_sample behind = {.members = 1, .now = now, .has_turns = true};
	struct balance_sample equal = {.members = 2, .now = ahead, .has_turns = true};
	struct balance_sample none = {.members = 0, .now = 0, .has_turns = true};
	struct balance_sample single = {.members = 1, .now = now, .has_turns = true};

	CHECK(balance_has_less(&fewer, &mine) && balance_has_less(&none, &mine));
	CHECK(!balance_has_less(&behind, &mine) && !balance_has_less(&equal, &mine));
	CHECK(!balance_has_less(&none, &single) && !balance_has_less(&mine, &fewer));
	return true;
}

/* Where it has no turns it does not stay, nor go; among many it goes if it is far behind. */
SELFTEST(M14, 18, cpus_give_to_who_has_turns, .needs = M8)
{
	uint64_t now = 1000 * CALENDAR_AHEAD_NS, ahead = now + CALENDAR_LAG_NS;
	struct balance_sample mine = {.members = 1, .now = now};
	struct balance_sample theirs = {.members = 3, .now = ahead, .has_turns = true};
	struct balance_sample none = {.members = 0, .now = ahead};

	CHECK(balance_has_less(&theirs, &mine) && !balance_has_less(&none, &mine));
	mine.has_turns = true;
	CHECK(!balance_has_less(&theirs, &mine));
	mine.is_crowded = true;
	CHECK(balance_has_less(&theirs, &mine));
	return true;
}

/* Two users with a thread each here, one of whom has a whole CPU elsewhere. */
SELFTEST(M14, 18, groups_share_all_cpus, .needs = M8)
{
	struct private_queue *queue = private_queue(2);

	queue->threads[1].group = &queue->users[1];
	queue->threads[1].part = &queue->parts[1];
	private_queue_start(queue, 2);
	while (queue->now_ns < NS_PER_SEC) {
		uint64_t slice = private_queue_slice(queue);

		private_queue_use(queue, slice);
		queue->users[1].used_ns += slice;
		runq_tell_group(&queue->runq);
		private_queue_exchange(queue);
	}
	CHECK(queue->used_ns[0] >= queue->now_ns / 4 * 3);
	return true;
}

/* And is never further behind than a calendar can tell. */
SELFTEST(M14, 18, cpus_keep_up, .needs = M8)
{
	struct private_queue *queue = private_queue(1);
	struct sched_part *part = &queue->parts[0];
	uint64_t now = part_now(part);

	part_keep_up(part, now + CALENDAR_LAG_NS);
	CHECK(part_now(part) == now);
	part_keep_up(part, now + 1000 * CALENDAR_LAG_NS);
	CHECK(part_now(part) == now + 999 * CALENDAR_LAG_NS);
	return true;
}

/* One who yields just before each slice's end beside one who does not. */
SELFTEST(M14, 5, yielding_early_gains_nothing, .needs = M8)
{
	struct private_queue *queue = private_queue(3);

	private_queue_start(queue, 3);
	while (queue->now_ns < NS_PER_SEC) {
		bool yields = queue->runq.running == &queue->threads[0];
		uint64_t slice = private_queue_slice(queue);

		private_queue_use(queue, yields ? slice - NS_PER_US : slice);
		if (yields)
			private_queue_yield(queue);
		else
			private_queue_exchange(queue);
	}
	CHECK(queue->used_ns[0] <= queue->now_ns / 3 + SCHED_QUANTUM_NS);
	return true;
}

/* A row of threads beside a hog, each of which makes the next and ends before its slice does. */
SELFTEST(M14, 5, new_threads_gain_nothing, .needs = M8)
{
	struct private_queue *queue = private_queue(3);
	unsigned child = 1;

	private_queue_start(queue, 2);
	while (queue->now_ns < NS_PER_SEC) {
		private_queue_use(queue, private_queue_slice(queue) * 9 / 10);
		if (queue->runq.running == &queue->threads[0]) {
			private_queue_exchange(queue);
			continue;
		}
		child = 3 - child;
		queue->threads[child].turn.vtime = 0;
		private_queue_wake(queue, child, true);
		private_queue_sleep(queue);
	}
	CHECK(queue->used_ns[0] >= queue->now_ns / 2 - SCHED_QUANTUM_NS);
	return true;
}
