/* SPDX-License-Identifier: BSD-2-Clause */
/* What time of a CPU costs whom, and where one stands who was away. */
#include "kernel/sched/runq.h"
#include "tests/unit/runq_fixture.h"

/* What a calendar's time is behind pass(): it is only looked at. */
static uint64_t passed(const struct calendar *calendar, uint64_t vtime, uint64_t ns,
		       uint64_t weight)
{
	struct calendar copy = *calendar;

	calendar_pass(&copy, vtime, ns, weight);
	return copy.now;
}

static void check_settle(struct runq *runq, struct thread *thread)
{
	struct sched_part *part = thread->part;
	uint64_t ns = thread->cpu_ticks - thread->settled_ticks, weight = thread->weight;
	uint64_t part_weight = part->waiting ? 0 : part->turn.weight;
	struct thread before = *thread;
	struct sched_part part_before = *part;
	uint64_t now = part->threads.now, parts_now = runq->parts.now;

	if (runq->lone && runq->lone != thread && runq->lone->part == part)
		weight += runq->lone->weight;
	else if (runq->lone && runq->lone != thread)
		part_weight += runq->lone->part->turn.weight;
	if (ns && (runq->waiting || thread != runq->running)) {
		now = passed(&part->threads, thread->turn.vtime, ns, weight);
		parts_now = passed(&runq->parts, part->turn.vtime, ns / 2, part_weight);
	}
	runq_settle(runq, thread);
	CHECK_EQ(thread->settled_ticks, thread->cpu_ticks);
	CHECK_EQ(thread->turn.vtime, before.turn.vtime + ns * thread->pace / 65536);
	CHECK_EQ(thread->is_moved, ns ? 0 : before.is_moved);
	CHECK_EQ(part->untold_ns, part_before.untold_ns + ns);
	CHECK_EQ(part->threads.now, now);
	CHECK_EQ(runq->parts.now, parts_now);
	if (part->waiting && ns)
		check_bucket(&part->turn);
	else
		CHECK_EQ(part->turn.vtime,
			 part_before.turn.vtime + ns / (part->share_shift ? 16 : 2));
	if (part->waiting && ns)
		CHECK(is_last_of_bucket(&runq->parts, &part->turn));
	CHECK(runq_consistent(runq));
}

/* Nobody, one or several wait while one of a group there, or of another, has used time. */
static void test_settle(void)
{
	struct runq *runq = &queues[0];

	for (unsigned round = 0; round < 4000; round++) {
		struct thread *running = &threads[0];
		unsigned waiting = (unsigned)below(5);

		boot();
		running = &threads[below(GROUPS)];
		random_time(runq, running);
		runq->running = running;
		for (unsigned i = 0; i < waiting; i++) {
			random_time(runq, &threads[GROUPS + i]);
			push(runq, &threads[GROUPS + i]);
		}
		running->part->untold_ns = below(1000);
		running->settled_ticks = below(1000);
		running->cpu_ticks = running->settled_ticks + (below(8) ? below(20000000) : 0);
		if (below(4) == 0) {
			/* One who was away settles what he has used before. */
			runq->running = &threads[THREADS - GROUPS + below(GROUPS)];
			random_time(runq, runq->running);
		}
		check_settle(runq, running);
	}
}

/* Alone, the calendars' time is the thread's own. */
static void test_settle_running(void)
{
	struct runq *runq = &queues[0];

	for (unsigned waiting = 0; waiting < 2; waiting++) {
		struct thread *running = &threads[0];
		uint64_t now;

		boot();
		random_time(runq, running);
		running->turn.vtime = running->part->threads.now;
		running->part->turn.vtime = runq->parts.now;
		runq->running = running;
		if (waiting) {
			random_time(runq, &threads[1]);
			push(runq, &threads[1]);
		}
		running->cpu_ticks = 1000000;
		running->part->skew = 5000;
		now = running->part->threads.now;
		runq_settle_running(runq);
		CHECK_EQ(running->part->threads.now == running->turn.vtime,
			 !waiting || running->turn.vtime == now);
		CHECK_EQ(groups[0].now, waiting ? now : running->turn.vtime + 5000);
		if (!waiting)
			CHECK_EQ(runq->parts.now, running->part->turn.vtime);
	}
}

/* What a group has used on all CPUs, as one of them tells and learns it. */
static void test_tell(void)
{
	struct runq *runq = &queues[0];
	struct sched_part *part = &parts[0][0];
	uint64_t vtime;

	boot();
	threads[0].part = part;
	runq->running = &threads[0];
	groups[0].used_ns = 7000;
	part->untold_ns = 600;
	part->known_ns = 5000;
	part->turn.vtime = vtime = runq->parts.now;
	runq_tell_group(runq);
	CHECK(groups[0].used_ns == 7600 && part->untold_ns == 0 && part->known_ns == 7600);
	CHECK_EQ(part->turn.vtime, vtime + 1000);
	runq_tell_group(runq);
	CHECK(groups[0].used_ns == 7600 && part->turn.vtime == vtime + 1000);
	/* With threads that wait it goes to its new place. */
	threads[3].part = threads[6].part = part;
	random_time(runq, &threads[3]);
	push(runq, &threads[3]);
	random_time(runq, &threads[6]);
	push(runq, &threads[6]);
	groups[0].used_ns += 8 * CALENDAR_STEP_NS;
	runq_tell_group(runq);
	check_bucket(&part->turn);
	CHECK(runq_consistent(runq));
	/* The kernel's group tells nobody; nor does the idle thread, which has none. */
	threads[2].part = &runq->kernel_part;
	runq->running = &threads[2];
	runq->kernel_part.untold_ns = 9;
	runq_tell_group(runq);
	CHECK(sched_group_kernel.used_ns == 0 && runq->kernel_part.untold_ns == 9);
	part_learn(&sched_group_kernel, &runq->kernel_part);
	CHECK(runq->kernel_part.known_ns == 0);
	runq->running = runq->idle;
	runq_tell_group(runq);
}

/* What wake_part() makes of a part that nobody of the group is at. */
static void expect_wake(const struct sched_group *group, const struct sched_part *before,
			struct sched_part *after)
{
	*after = *before;
	if (vtime_after(group->now, before->threads.now + before->skew))
		after->skew = group->now - before->threads.now;
	if (!group->parts)
		return;
	after->turn.vtime += (group->used_ns - before->known_ns) / 2;
	after->known_ns = group->used_ns;
}

static void random_part(struct runq *runq, struct sched_group *group)
{
	struct sched_part *part = runq_part(runq, group);

	part->skew = below(1000);
	part->known_ns = below(1000);
	group->used_ns = 1000 + below(100000);
	group->now = part->threads.now + below(3) * CALENDAR_LAG_NS / 2;
	part->turn.vtime = runq->parts.now + below(3000) - 1000 - below(2) * CALENDAR_CREDIT_NS;
}

/* @here: nobody of the group, its running thread, the lone one, or two that wait. */
static struct thread *set_up(struct runq *runq, unsigned here)
{
	struct thread *thread = &threads[below(GROUPS)];
	struct thread *other = thread + GROUPS, *third = other + GROUPS;

	boot();
	random_time(runq, thread);
	random_part(runq, thread->group);
	runq->running = here == 1 ? other : runq->idle;
	other->part = third->part = thread->part;
	if (here >= 2)
		push(runq, other);
	if (here == 3)
		push(runq, third);
	return thread;
}

static void test_place(void)
{
	struct runq *runq = &queues[0];

	for (unsigned round = 0; round < 2000; round++) {
		unsigned here = (unsigned)below(4);
		bool is_new = below(3) == 0;
		struct thread *thread = set_up(runq, here);
		struct sched_part *part = thread->part, after = *part;
		uint64_t vtime = thread->turn.vtime;
		bool was_moved = thread->is_moved, stays = was_moved && !is_new;

		if (here == 0)
			expect_wake(thread->group, part, &after);
		if (is_new)
			thread->part = NULL;
		runq_place(runq, thread, is_new);
		CHECK(thread->part == part);
		CHECK_EQ(thread->is_moved, stays);
		CHECK_EQ(part->skew, after.skew);
		CHECK_EQ(part->known_ns, after.known_ns);
		CHECK_EQ(thread->turn.vtime,
			 stays ? vtime
			       : later(vtime,
				       part->threads.now - (is_new ? 0 : CALENDAR_CREDIT_NS)));
		CHECK_EQ(part->turn.vtime,
			 stays ? after.turn.vtime
			       : later(after.turn.vtime, runq->parts.now - CALENDAR_CREDIT_NS / 2));
	}
}

/* From one CPU to another one is as far ahead or behind as before. */
static void test_move(void)
{
	for (unsigned round = 0; round < 2000; round++) {
		struct runq *from = &queues[0], *to = &queues[1];
		struct thread *thread = set_up(from, (unsigned)below(4));
		struct sched_part *part = thread->part, *target = runq_part(to, thread->group);
		struct sched_part after;
		uint64_t vtime = thread->turn.vtime;

		thread->is_moved = false;
		if (below(2))
			thread->part = NULL;
		thread->cpu_ticks = below(2) * 4096;
		random_part(to, thread->group);
		runq_leave(from, thread);
		CHECK_EQ(thread->turn.vtime,
			 vtime + part->skew + thread->cpu_ticks * thread->pace / 65536);
		CHECK_EQ(thread->settled_ticks, thread->cpu_ticks);
		vtime = thread->turn.vtime;
		expect_wake(thread->group, target, &after);
		runq_arrive(to, thread);
		CHECK(thread->part == target && thread->is_moved);
		CHECK_EQ(target->skew, after.skew);
		CHECK_EQ(target->turn.vtime, after.turn.vtime);
		CHECK_EQ(thread->turn.vtime,
			 calendar_clamp(&target->threads, vtime - target->skew));
	}
}

static void test_change_group(void)
{
	struct runq *runq = &queues[0];

	for (unsigned round = 0; round < 2000; round++) {
		struct thread *thread = set_up(runq, (unsigned)below(4));
		struct sched_group *group = group_of((unsigned)below(GROUPS));
		struct sched_part *part = thread->part, *target = runq_part(runq, group), after;
		uint64_t lag = thread->turn.vtime - part->threads.now;
		bool is_here = target->waiting || runq->running->part == target ||
			       (runq->lone && runq->lone->part == target);

		if (!is_here)
			random_part(runq, group);
		after = *target;
		if (!is_here)
			expect_wake(group, target, &after);
		lag = thread->turn.vtime - part->threads.now;
		runq_change_group(runq, thread, group);
		CHECK(thread->group == group && thread->part == target);
		CHECK_EQ(target->skew, after.skew);
		CHECK_EQ(thread->turn.vtime,
			 calendar_clamp(&target->threads, target->threads.now + lag));
	}
}

int main(void)
{
	queues = aligned_alloc(64, CPUS * sizeof(*queues));
	test_settle();
	test_settle_running();
	test_tell();
	test_place();
	test_move();
	test_change_group();
	free(queues);
	return check_done("runq_time");
}
