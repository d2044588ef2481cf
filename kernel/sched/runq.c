/* SPDX-License-Identifier: BSD-2-Clause */
#include "kernel/sched/runq.h"

#include "kernel/lib/bits.h"

#include "kernel/sched/deadline.h"
#include "kernel/sched/sched.h"

struct sched_group sched_group_kernel;
struct runq *runqs[LIMIT_CPUS];
uint32_t runq_count;
uint32_t runq_turn_shift;

static void part_init(struct sched_part *part, uint32_t share_shift)
{
	calendar_init(&part->threads);
	list_init(&part->turn.link);
	part->turn.vtime = 0;
	part->turn.weight = WEIGHT_NORMAL << share_shift;
	part->waiting = 0;
	part->skew = 0;
	part->known_ns = 0;
	part->untold_ns = 0;
	part->share_shift = share_shift;
}

void sched_group_init(struct sched_group *group, struct sched_part *parts, uint32_t count)
{
	for (uint32_t i = 0; i < count; i++)
		part_init(&parts[i], 0);
	group->parts = parts;
	group->now = parts->threads.now;
	group->used_ns = 0;
}

void runq_init(struct runq *runq, uint32_t cpu, struct thread *idle)
{
	spin_init(&runq->lock, LOCK_RUN_QUEUE);
	calendar_init(&runq->parts);
	part_init(&runq->kernel_part, SCHED_KERNEL_SHIFT);
	runq->cpu = cpu;
	runq->idle = idle;
	runq->running = idle;
}

/* Nobody brings more than the credit, but who comes from another CPU what he lacks there. */
static void lift(const struct calendar *calendar, struct thread *thread)
{
	uint64_t least = calendar->now - CALENDAR_CREDIT_NS;

	if (vtime_after(least, thread->turn.vtime))
		thread->turn.vtime = least;
}

void runq_link(struct runq *runq, struct thread *thread)
{
	struct sched_part *part = thread->part;

	runq_settle(runq, thread);
	if (unlikely(thread->realtime)) {
		realtime_add(&runq->realtime, thread, false);
		return;
	}
	thread->turn.weight = READ_ONCE(thread->weight);
	if (!thread->is_moved)
		lift(&part->threads, thread);
	calendar_add(&part->threads, &thread->turn);
	if (!part->waiting++)
		calendar_add(&runq->parts, &part->turn);
}

void runq_move_part(struct runq *runq, struct sched_part *part)
{
	calendar_remove(&runq->parts, &part->turn);
	calendar_add(&runq->parts, &part->turn);
}

static void unlink(struct runq *runq, struct sched_part *part, struct thread *thread)
{
	calendar_remove(&part->threads, &thread->turn);
	if (!--part->waiting)
		calendar_remove(&runq->parts, &part->turn);
}

/*
 * Whether a real-time thread is the next; at their limit only if nobody else wants to be, or one of
 * SCHED_DEADLINE does.
 */
static bool is_realtime_next(const struct runq *runq)
{
	const struct realtime *realtime = &runq->realtime;

	return realtime->waiting &&
	       (!realtime->is_throttled || realtime->waiting == runq->waiting ||
		realtime_best(realtime) == REALTIME_DEADLINE);
}

static struct thread *first(const struct runq *runq)
{
	const struct sched_part *part =
		container_of(calendar_first(&runq->parts), struct sched_part, turn);

	return container_of(calendar_first(&part->threads), struct thread, turn);
}

const struct thread *runq_first(const struct runq *runq)
{
	return runq->lone ? runq->lone : first(runq);
}

static struct thread *unlink_first(struct runq *runq)
{
	struct thread *thread = first(runq);
	struct sched_part *part = thread->part;

	unlink(runq, part, thread);
	runq_pick(runq, thread);
	/* Behind the groups of the same time: they take turns. */
	if (part->waiting)
		runq_move_part(runq, part);
	return thread;
}

struct thread *runq_unlink_next(struct runq *runq)
{
	return unlikely(is_realtime_next(runq)) ? realtime_take(&runq->realtime)
						: unlink_first(runq);
}

/* Before its equals, unless its turn among them is over; or not at all. */
static struct thread *exchange_realtime(struct runq *runq, struct thread *thread)
{
	bool turn_is_over = thread->turn_is_over;

	thread->turn_is_over = false;
	runq_settle(runq, thread);
	if (thread->realtime == REALTIME_DEADLINE &&
	    deadline_park(thread, turn_is_over, time_now_ns()))
		return runq_pop(runq);
	if (runq->lone)
		runq_link(runq, runq->lone);
	runq->lone = NULL;
	realtime_add(&runq->realtime, thread, !turn_is_over);
	thread->in_queue = 1;
	runq->waiting++;
	return runq_pop(runq);
}

struct thread *runq_exchange(struct runq *runq, struct thread *thread)
{
	struct thread *lone = runq->lone;
	struct calendar *calendar = &thread->part->threads;

	if (unlikely(thread->realtime))
		return exchange_realtime(runq, thread);
	runq_settle(runq, thread);
	if (!lone) {
		runq_push(runq, thread);
		return runq_pop(runq);
	}
	runq_settle(runq, lone);
	if (runq_precedes(thread, lone, 0)) {
		runq_pick(runq, thread);
		return thread;
	}
	runq_pick(runq, lone);
	thread->turn.vtime = calendar_clamp(calendar, thread->turn.vtime);
	runq->lone = thread;
	thread->in_queue = 1;
	lone->in_queue = 0;
	return lone;
}

void runq_remove(struct runq *runq, struct thread *thread)
{
	ASSERT(thread->in_queue && thread->cpu == runq->cpu);
	if (runq->lone == thread)
		runq->lone = NULL;
	else if (thread->realtime)
		realtime_remove(&runq->realtime, thread);
	else
		unlink(runq, thread->part, thread);
	runq->waiting--;
	thread->in_queue = 0;
}
