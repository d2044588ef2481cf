/* SPDX-License-Identifier: BSD-2-Clause */
/* The order of the run queue, on a queue of its own with threads that never run. */
#include "kernel/lib/string.h"

#include "kernel/sched/runq.h"
#include "selftest/selftest.h"

#define THREADS 6

static struct runq queue;
static struct thread threads[THREADS], idle;
static struct sched_group many, one;
static struct sched_part many_part, one_part;

static void make_queue(void)
{
	memset(&queue, 0, sizeof(queue));
	memset(threads, 0, sizeof(threads));
	runq_init(&queue, 0, &idle);
	sched_group_init(&many, &many_part, 1);
	sched_group_init(&one, &one_part, 1);
	for (unsigned i = 0; i < THREADS; i++) {
		threads[i].state = THREAD_RUNNABLE;
		list_init(&threads[i].run_link);
		threads[i].group = i < THREADS - 1 ? &many : &one;
	}
}

/* Which thread comes next; THREADS for the idle one. */
static unsigned next(void)
{
	const struct thread *thread = runq_pop(&queue);

	return thread == &idle ? THREADS : (unsigned)(thread - threads);
}

SELFTEST(M14, 5, groups_take_turns, .needs = M8)
{
	/* Five threads of one user wait already when the single one of another comes. */
	static const unsigned order[] = {0, 5, 1, 2, 3, 4, THREADS};

	make_queue();
	for (unsigned i = 0; i < THREADS; i++)
		runq_push(&queue, &threads[i]);
	for (unsigned i = 0; i < ARRAY_SIZE(order); i++)
		CHECK(next() == order[i]);
	/* And as long as it comes back, it gets every second turn. */
	for (unsigned i = 0; i < THREADS; i++)
		runq_push(&queue, &threads[i]);
	for (unsigned turn = 0; turn < 8; turn++) {
		unsigned got = next();
		CHECK((got == THREADS - 1) == (turn % 2 == 1));
		runq_push(&queue, &threads[got]);
	}
	return true;
}

SELFTEST(M14, 5, lowest_level_gets_a_turn, .needs = M8)
{
	make_queue();
	for (unsigned i = 0; i < 3; i++) {
		threads[i].level = THREAD_LEVELS - 1;
		runq_push(&queue, &threads[i]);
	}
	runq_push(&queue, &threads[THREADS - 1]);
	runq_boost(&queue);
	CHECK(next() == THREADS - 1);
	CHECK(next() == 0 && threads[0].level == THREAD_LEVELS - 1);
	CHECK(next() == 1 && next() == 2 && next() == THREADS);
	CHECK(queue.waiting == 0 && queue.filled == 0);
	return true;
}

SELFTEST(M14, 5, crowds_go_to_the_bottom, .needs = M8)
{
	struct thread *first = &threads[0], *alone = &threads[THREADS - 1];

	make_queue();
	for (unsigned i = 0; i < THREADS; i++)
		runq_push(&queue, &threads[i]);
	CHECK(many_part.waiting == THREADS - 1 && one_part.waiting == 1);
	CHECK(runq_sunken(&queue, first, 0) == 0 && runq_sunken(&queue, first, 1) == 1);
	CHECK(runq_sunken(&queue, first, THREAD_LEVELS) == THREAD_LEVELS - 1);
	many_part.waiting += SCHED_CROWD;
	CHECK(runq_sunken(&queue, first, 0) == THREAD_LEVELS - 1);
	CHECK(runq_sunken(&queue, alone, 1) == 1);
	many_part.waiting -= SCHED_CROWD;
	for (unsigned i = 0; i < THREADS; i++)
		next();
	CHECK(many_part.waiting == 0 && one_part.waiting == 0);
	/* A boost moves one, and counts it once. */
	first->level = THREAD_LEVELS - 1;
	runq_push(&queue, first);
	runq_push(&queue, alone);
	runq_boost(&queue);
	CHECK(many_part.waiting == 1 && next() == THREADS - 1 && next() == 0 && many_part.waiting == 0);
	return true;
}
