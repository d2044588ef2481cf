/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What time of the CPU costs in virtual time, and where one stands who was away.
 *
 * A group's turn on a CPU goes on by what the group uses on all of them. What it uses elsewhere is
 * learned at quanta's ends and when it comes: nothing that CPUs share is written by a switch or a
 * wake.
 */
#include "kernel/sched/runq.h"

/* The calendars' times go on: @thread has used @ns, beside those in them and the lone one. */
static void pass(struct runq *runq, const struct thread *thread, uint64_t ns)
{
	struct sched_part *part = thread->part;
	const struct thread *lone = runq->lone;
	uint64_t weight = READ_ONCE(thread->weight);
	uint64_t part_weight = part->waiting ? 0 : part->turn.weight;

	if (lone && lone != thread) {
		if (lone->part == part)
			weight += READ_ONCE(lone->weight);
		else
			part_weight += lone->part->turn.weight;
	}
	/* Alone, time is its own: runq_settle_running(). */
	if (!runq->waiting && thread == runq->running)
		return;
	calendar_pass(&part->threads, thread->turn.vtime, ns, weight);
	calendar_pass(&runq->parts, part->turn.vtime, ns >> runq_turn_shift, part_weight);
}

void runq_settle(struct runq *runq, struct thread *thread)
{
	struct sched_part *part = thread->part;
	uint64_t ticks = thread->cpu_ticks - thread->settled_ticks;
	uint64_t ns = time_ticks_to_ns(ticks);

	if (!ticks)
		return;
	thread->settled_ticks = thread->cpu_ticks;
	thread->is_moved = false;
	pass(runq, thread, ns);
	thread->turn.vtime += ns * READ_ONCE(thread->pace) >> PACE_SHIFT;
	part->turn.vtime += ns >> (part->share_shift + runq_turn_shift);
	part->untold_ns += ns;
	if (part->waiting)
		runq_move_part(runq, part);
}

void runq_pick(struct runq *runq, const struct thread *thread)
{
	struct sched_group *group = thread->group;

	calendar_advance(&thread->part->threads, thread->turn.vtime);
	if (vtime_after(part_now(thread->part), READ_ONCE(group->now)))
		WRITE_ONCE(group->now, part_now(thread->part));
	calendar_advance(&runq->parts, thread->part->turn.vtime);
}

void runq_settle_running(struct runq *runq)
{
	runq_settle(runq, runq->running);
	if (!runq->waiting)
		runq_pick(runq, runq->running);
}

void part_learn(const struct sched_group *group, struct sched_part *part)
{
	uint64_t used = READ_ONCE(group->used_ns);

	if (!group->parts)
		return;
	part->turn.vtime += (used - part->known_ns) >> runq_turn_shift;
	part->known_ns = used;
}

void runq_tell_group(struct runq *runq)
{
	struct sched_group *group = runq->running->group;
	struct sched_part *part = runq->running->part;

	if (!group || !group->parts)
		return;
	__atomic_fetch_add(&group->used_ns, part->untold_ns, __ATOMIC_RELAXED);
	part->known_ns += part->untold_ns;
	part->untold_ns = 0;
	part_learn(group, part);
	if (part->waiting)
		runq_move_part(runq, part);
}

/* A group that has been away from this CPU goes by the time of the others. */
static void wake_part(const struct runq *runq, const struct sched_group *group,
		      struct sched_part *part)
{
	bool is_here = part->waiting || runq->running->part == part ||
		       (runq->lone && runq->lone->part == part);

	if (is_here)
		return;
	part_keep_up(part, READ_ONCE(group->now) + CALENDAR_LAG_NS);
	part_learn(group, part);
}

void runq_place(struct runq *runq, struct thread *thread, bool is_new)
{
	struct sched_part *part;
	uint64_t least, part_least = runq->parts.now - (CALENDAR_CREDIT_NS >> runq_turn_shift);

	if (is_new)
		thread->part = runq_part(runq, thread->group);
	part = thread->part;
	wake_part(runq, thread->group, thread->part);
	if (thread->is_moved && !is_new)
		return;
	thread->is_moved = false;
	least = part->threads.now - (is_new ? 0 : CALENDAR_CREDIT_NS);
	if (vtime_after(least, thread->turn.vtime))
		thread->turn.vtime = least;
	if (vtime_after(part_least, part->turn.vtime))
		part->turn.vtime = part_least;
}

bool runq_welcome_realtime(struct runq *runq, struct thread *thread, bool is_new)
{
	const struct thread *running = runq->running;

	runq_place(runq, thread, is_new);
	return realtime_goes_first(runq, thread) || running == runq->idle;
}

void runq_leave(struct runq *runq, struct thread *thread)
{
	if (!thread->part)
		thread->part = runq_part(runq, thread->group);
	runq_settle(runq, thread);
	thread->turn.vtime += thread->part->skew;
}

void runq_arrive(struct runq *runq, struct thread *thread)
{
	thread->part = runq_part(runq, thread->group);
	wake_part(runq, thread->group, thread->part);
	thread->turn.vtime -= thread->part->skew;
	thread->turn.vtime = calendar_clamp(&thread->part->threads, thread->turn.vtime);
	thread->is_moved = true;
}

void runq_change_group(struct runq *runq, struct thread *thread, struct sched_group *group)
{
	uint64_t lag;

	runq_leave(runq, thread);
	lag = thread->turn.vtime - part_now(thread->part);
	thread->group = group;
	wake_part(runq, group, runq_part(runq, group));
	thread->part = runq_part(runq, group);
	thread->turn.vtime =
		calendar_clamp(&thread->part->threads, thread->part->threads.now + lag);
}
