/* SPDX-License-Identifier: BSD-2-Clause */
/* A run queue with threads of several groups: who is next, and who may go elsewhere. */
#include "kernel/sched/runq.h"
#include "tests/unit/runq_fixture.h"

static void check_part(const struct sched_part *part, uint32_t shift)
{
	CHECK(part->waiting == 0 && part->skew == 0 && part->known_ns == 0 && part->untold_ns == 0);
	CHECK(part->turn.vtime == 0 && part->turn.weight == 1024u << shift);
	CHECK(part->share_shift == shift && part->threads.filled == 0 && part->threads.weight == 0);
	CHECK(list_empty(&part->turn.link));
}

static void test_init(void)
{
	boot();
	for (unsigned i = 0; i < GROUPS - 1; i++) {
		CHECK(groups[i].parts == parts[i] && groups[i].used_ns == 0);
		CHECK_EQ(groups[i].now, parts[i][0].threads.now);
		check_part(&parts[i][0], 0);
		check_part(&parts[i][1], 0);
	}
	for (uint32_t i = 0; i < CPUS; i++) {
		check_part(&queues[i].kernel_part, 3);
		CHECK(queues[i].cpu == i && queues[i].idle == &idles[i]);
		CHECK(queues[i].running == &idles[i] && queues[i].parts.filled == 0);
		CHECK(runq_consistent(&queues[i]));
	}
}

/* --- who is next, among those that are not real-time --- */

/* The first thread of the first group; time goes on to it, and its group lets its equals pass. */
static void pop(struct runq *runq)
{
	struct calendar_entry *first = calendar_first(&runq->parts);
	struct sched_part *part = container_of(first, struct sched_part, turn);
	struct thread *thread = container_of(calendar_first(&part->threads), struct thread, turn);
	uint64_t now = later(part->threads.now, thread->turn.vtime);
	uint64_t parts_now = later(runq->parts.now, part->turn.vtime), group_now;
	uint64_t waiting = runq->waiting, part_waiting = part->waiting;

	/* Now and then another CPU is further. */
	thread->group->now += below(8) ? 0 : CALENDAR_STEP_NS;
	group_now = later(thread->group->now, now + part->skew);
	CHECK(runq_first(runq) == thread);
	CHECK(runq_pop(runq) == thread);
	CHECK(!thread->in_queue && runq->waiting == waiting - 1);
	CHECK_EQ(part->threads.now, now);
	CHECK_EQ(runq->parts.now, parts_now);
	CHECK_EQ(thread->group->now, group_now);
	CHECK_EQ(part->waiting, part_waiting - 1);
	if (part->waiting)
		CHECK(is_last_of_bucket(&runq->parts, &part->turn));
}

static void remove_one(struct runq *runq, struct thread *thread)
{
	uint64_t waiting = runq->waiting, part_waiting = thread->part->waiting;
	bool is_lone = runq->lone == thread;

	runq_remove(runq, thread);
	CHECK(!thread->in_queue && runq->waiting == waiting - 1 && !runq->lone);
	CHECK_EQ(thread->part->waiting, part_waiting - !is_lone);
}

static void test_queue(void)
{
	struct runq *runq = &queues[0];

	boot();
	for (unsigned step = 0; step < 20000; step++) {
		struct thread *thread = &threads[below(THREADS)];

		if (below(5) < 2 && runq->waiting && !runq->lone) {
			pop(runq);
		} else if (thread->in_queue) {
			remove_one(runq, thread);
		} else {
			random_time(runq, thread);
			push(runq, thread);
		}
		if (runq->lone)
			CHECK(runq_first(runq) == runq->lone);
		CHECK(runq_consistent(runq));
	}
	while (runq->waiting && !runq->lone)
		pop(runq);
	CHECK(!runq->lone || runq_pop(runq)->in_queue == 0);
	CHECK(runq_pop(runq) == runq->idle && runq->parts.filled == 0);
}

/* Both the lone one, when he is alone no more, and who comes are charged first. */
static void test_link_settles(void)
{
	struct runq *runq = &queues[0];

	boot();
	for (unsigned i = 0; i < 3; i++) {
		threads[i].part = runq_part(runq, threads[i].group);
		threads[i].cpu_ticks = 1000;
		runq_push(runq, &threads[i]);
		CHECK_EQ(threads[0].settled_ticks, i ? 1000 : 0);
		CHECK_EQ(threads[i].settled_ticks, i ? 1000 : 0);
	}
}

/* --- one goes, another comes --- */

static void test_exchange(void)
{
	struct runq *runq = &queues[0];

	for (unsigned round = 0; round < 3000; round++) {
		struct thread *self = &threads[below(GROUPS)], *next, *lone;
		unsigned waiting = (unsigned)below(4);
		bool first;

		boot();
		random_time(runq, self);
		runq->running = self;
		for (unsigned i = 0; i < waiting; i++) {
			random_time(runq, &threads[GROUPS + i]);
			push(runq, &threads[GROUPS + i]);
		}
		lone = runq->lone;
		/* Often at the same moment, or just before or behind. */
		if (lone && below(2))
			lone->turn.vtime = self->turn.vtime + below(3) - 1;
		self->cpu_ticks = below(2) * 3000000;
		if (lone)
			lone->cpu_ticks = below(2) * 3000000;
		next = runq_exchange(runq, self);
		CHECK(runq_consistent(runq) || next != runq->running);
		CHECK_EQ(runq->waiting, waiting);
		CHECK(!next->in_queue && self->in_queue == (next != self));
		CHECK_EQ(self->settled_ticks, self->cpu_ticks);
		if (waiting == 0)
			CHECK(next == self);
		if (!lone)
			continue;
		CHECK_EQ(lone->settled_ticks, lone->cpu_ticks);
		first = self->part == lone->part ? self->turn.vtime < lone->turn.vtime
						 : self->part->turn.vtime < lone->part->turn.vtime;
		CHECK(next == (first ? self : lone) && runq->lone == (first ? lone : self));
		CHECK(!vtime_after(next->turn.vtime, next->part->threads.now));
		CHECK(!vtime_after(next->part->turn.vtime, runq->parts.now));
		if (!first)
			CHECK_EQ(self->turn.vtime,
				 calendar_clamp(&self->part->threads, self->turn.vtime));
	}
}

/* --- whom another CPU may have --- */

static void test_give(void)
{
	static const uint8_t priorities[] = {1, 63, 64, 99};
	struct runq *runq = &queues[0];

	for (unsigned round = 0; round < 3000; round++) {
		unsigned waiting = (unsigned)below(8), realtimes = (unsigned)below(3);
		struct thread *best = NULL, *given;
		bool of_part = below(2);

		boot();
		runq->running = &threads[THREADS - 1];
		runq->running->part = runq_part(runq, runq->running->group);
		for (unsigned i = 0; i < waiting; i++) {
			struct thread *thread = &threads[i];

			random_time(runq, thread);
			thread->affinity.words[0] = below(2) ? 3 : 1;
			thread->on_cpu = below(4) == 0;
			if (i < realtimes)
				thread->realtime = priorities[below(sizeof(priorities))];
			push(runq, thread);
		}
		for (unsigned i = 0; i < waiting; i++) {
			struct thread *thread = &threads[i];

			if (thread->affinity.words[0] == 1 || thread->on_cpu)
				continue;
			if (of_part && (thread->part != &parts[1][0] ||
					(thread->realtime && runq->lone != thread)))
				continue;
			if (!best || thread->realtime > best->realtime)
				best = thread;
		}
		given = of_part ? runq_give_part(runq, &parts[1][0], 1) : runq_give(runq, 1);
		CHECK(runq_consistent(runq));
		if (!given) {
			/* Who has come himself is not handed on. */
			CHECK(!best || of_part);
			CHECK_EQ(runq->waiting, waiting);
			continue;
		}
		CHECK(best && !given->in_queue && runq->waiting == waiting - 1);
		CHECK(given->affinity.words[0] == 3 && !given->on_cpu);
		CHECK(!of_part || (given->part == &parts[1][0] && !given->is_moved));
		CHECK_EQ(given->realtime, best->realtime);
	}
}

/* The lock is held for no more than sixteen looks. */
static void test_looks(void)
{
	struct runq *runq = &queues[0];

	for (unsigned free = 14; free < 18; free++) {
		for (unsigned way = 0; way < 3; way++) {
			struct thread *given;

			boot();
			runq->running = &threads[THREADS - 1];
			runq->running->part = runq_part(runq, runq->running->group);
			for (unsigned i = 0; i < 20; i++) {
				struct thread *thread = &threads[i];

				thread->group = &groups[0];
				thread->part = &parts[0][0];
				thread->turn.vtime = parts[0][0].threads.now + i * CALENDAR_STEP_NS;
				thread->affinity.words[0] = i == free ? 3 : 1;
				thread->realtime = way == 2 ? 50 : 0;
				push(runq, thread);
			}
			given = way == 1 ? runq_give_part(runq, &parts[0][0], 1)
					 : runq_give(runq, 1);
			CHECK(given == (free < 16 ? &threads[free] : NULL));
			CHECK(runq_consistent(runq));
		}
	}
}

int main(void)
{
	queues = aligned_alloc(64, CPUS * sizeof(*queues));
	test_init();
	test_queue();
	test_link_settles();
	test_exchange();
	test_give();
	test_looks();
	free(queues);
	return check_done("runq");
}
