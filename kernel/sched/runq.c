/* SPDX-License-Identifier: BSD-2-Clause */
#include "kernel/sched/runq.h"

#include "kernel/lib/bits.h"

#include "kernel/sched/sched.h"

struct sched_group sched_group_kernel;
struct runq *runqs[LIMIT_CPUS];
uint32_t runq_count;

static void part_init(struct sched_part *part, uint32_t share_shift)
{
	calendar_init(&part->threads);
	list_init(&part->turn.link);
	part->turn.vtime = 0;
	part->turn.weight = WEIGHT_NORMAL << share_shift;
	part->waiting = 0;
	part->birth = 0;
	part->share_shift = share_shift;
}

void sched_group_init(struct sched_group *group, struct sched_part *parts, uint32_t count)
{
	for (uint32_t i = 0; i < count; i++)
		part_init(&parts[i], 0);
	group->parts = parts;
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
	calendar_pass(&part->threads, thread->turn.vtime, ns, weight);
	calendar_pass(&runq->parts, part->turn.vtime, ns, part_weight);
}

void runq_settle(struct runq *runq, struct thread *thread)
{
	struct sched_part *part = thread->part;
	uint64_t ticks = thread->cpu_ticks - thread->settled_ticks;
	uint64_t ns = time_ticks_to_ns(ticks);

	if (!ticks)
		return;
	thread->settled_ticks = thread->cpu_ticks;
	pass(runq, thread, ns);
	thread->turn.vtime += ns * READ_ONCE(thread->pace) >> PACE_SHIFT;
	part->turn.vtime += ns >> part->share_shift;
	if (part->waiting)
		runq_move_part(runq, part);
}

/* @thread is the first of all that want to run. */
static void pick(struct runq *runq, const struct thread *thread)
{
	calendar_advance(&thread->part->threads, thread->turn.vtime);
	calendar_advance(&runq->parts, thread->part->turn.vtime);
}

void runq_settle_running(struct runq *runq)
{
	runq_settle(runq, runq->running);
	if (!runq->waiting)
		pick(runq, runq->running);
}

void runq_link(struct runq *runq, struct thread *thread)
{
	struct sched_part *part = thread->part;

	runq_settle(runq, thread);
	thread->turn.weight = READ_ONCE(thread->weight);
	calendar_add(&part->threads, &thread->turn);
	if (!part->waiting++)
		calendar_add(&runq->parts, &part->turn);
}

void runq_place(struct runq *runq, struct thread *thread, bool is_new)
{
	struct sched_part *part;
	uint64_t least, part_least = runq->parts.now - CALENDAR_CREDIT_NS;

	if (is_new)
		thread->part = runq_part(runq, thread->group);
	part = thread->part;
	least = is_new ? MAX(part->threads.now, part->birth)
		       : part->threads.now - CALENDAR_CREDIT_NS;
	if (vtime_after(least, thread->turn.vtime))
		thread->turn.vtime = least;
	if (vtime_after(part_least, part->turn.vtime))
		part->turn.vtime = part_least;
}

void runq_bury(struct runq *runq, struct thread *thread)
{
	runq_settle(runq, thread);
	if (vtime_after(thread->turn.vtime, thread->part->birth))
		thread->part->birth = thread->turn.vtime;
}

void runq_leave(struct runq *runq, struct thread *thread)
{
	if (!thread->part)
		thread->part = runq_part(runq, thread->group);
	runq_settle(runq, thread);
	thread->turn.vtime -= thread->part->threads.now;
}

void runq_arrive(struct runq *runq, struct thread *thread)
{
	const struct calendar *calendar;

	thread->part = runq_part(runq, thread->group);
	calendar = &thread->part->threads;
	thread->turn.vtime = calendar_clamp(calendar, calendar->now + thread->turn.vtime);
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

struct thread *runq_unlink_next(struct runq *runq)
{
	struct sched_part *part =
		container_of(calendar_first(&runq->parts), struct sched_part, turn);
	struct thread *thread = container_of(calendar_first(&part->threads), struct thread, turn);

	unlink(runq, part, thread);
	pick(runq, thread);
	/* Behind the groups of the same time: they take turns. */
	if (part->waiting)
		runq_move_part(runq, part);
	return thread;
}

struct thread *runq_exchange(struct runq *runq, struct thread *thread)
{
	struct thread *lone = runq->lone;
	struct calendar *calendar = &thread->part->threads;

	runq_settle(runq, thread);
	if (!lone) {
		runq_push(runq, thread);
		return runq_pop(runq);
	}
	runq_settle(runq, lone);
	if (runq_precedes(thread, lone, 0)) {
		pick(runq, thread);
		return thread;
	}
	pick(runq, lone);
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
	else
		unlink(runq, thread->part, thread);
	runq->waiting--;
	thread->in_queue = 0;
}

#define LOOKS 16u /* threads that a thief may look at */

static bool may_give(const struct thread *thread, uint32_t cpu)
{
	/* The last word of its old CPU on its stack comes behind the lock. */
	return cpu_set_has(&thread->affinity, cpu) &&
	       !__atomic_load_n(&thread->on_cpu, __ATOMIC_ACQUIRE);
}

static struct thread *find_in_bucket(const struct list_node *bucket, uint32_t cpu, unsigned *looks)
{
	list_for_each(link, bucket)
	{
		struct thread *thread = list_entry(link, struct thread, turn.link);

		if (may_give(thread, cpu))
			return thread;
		if (!--*looks)
			return NULL;
	}
	return NULL;
}

static struct thread *find_in_part(const struct sched_part *part, uint32_t cpu, unsigned *looks)
{
	struct thread *thread = NULL;

	for (uint64_t order = calendar_order(&part->threads); order && *looks && !thread;)
		thread = find_in_bucket(calendar_next(&part->threads, &order), cpu, looks);
	return thread;
}

static struct thread *find_in_parts(const struct list_node *bucket, uint32_t cpu, unsigned *looks)
{
	struct thread *thread = NULL;

	list_for_each(link, bucket)
	{
		thread = find_in_part(list_entry(link, struct sched_part, turn.link), cpu, looks);
		if (thread || !*looks)
			break;
	}
	return thread;
}

static struct thread *find(const struct runq *runq, uint32_t cpu)
{
	struct thread *thread = NULL;
	unsigned looks = LOOKS;

	if (runq->lone)
		return may_give(runq->lone, cpu) ? runq->lone : NULL;
	for (uint64_t order = calendar_order(&runq->parts); order && looks && !thread;)
		thread = find_in_parts(calendar_next(&runq->parts, &order), cpu, &looks);
	return thread;
}

struct thread *runq_give(struct runq *runq, uint32_t cpu)
{
	struct thread *thread = find(runq, cpu);

	if (thread)
		runq_remove(runq, thread);
	return thread;
}

/* Whether each of @calendar's entries is where its time says; @each: what else must hold. */
static bool calendar_consistent(const struct calendar *calendar,
				bool (*each)(struct calendar_entry *entry, uint64_t *count),
				uint64_t *count)
{
	for (uint64_t order = calendar_order(calendar); order;) {
		const struct list_node *bucket = calendar_next(calendar, &order);
		uint32_t number = (uint32_t)(bucket - calendar->buckets);

		if (list_empty(bucket))
			return false;
		list_for_each(link, bucket)
		{
			struct calendar_entry *entry =
				list_entry(link, struct calendar_entry, link);

			if (entry->bucket != number || !each(entry, count))
				return false;
		}
	}
	return true;
}

static bool thread_consistent(struct calendar_entry *entry, uint64_t *count)
{
	const struct thread *thread = container_of(entry, struct thread, turn);

	++*count;
	return thread->in_queue && thread->state == THREAD_RUNNABLE;
}

static bool part_consistent(struct calendar_entry *entry, uint64_t *count)
{
	const struct sched_part *part = container_of(entry, struct sched_part, turn);
	uint64_t waiting = 0;

	if (!calendar_consistent(&part->threads, thread_consistent, &waiting))
		return false;
	*count += waiting;
	return waiting == part->waiting && waiting != 0;
}

/* What every switch may rely on. Context: the lock. */
static bool runq_consistent_locked(const struct runq *runq)
{
	uint64_t count = runq->lone != NULL;

	if (!calendar_consistent(&runq->parts, part_consistent, &count))
		return false;
	if (runq->lone && (count != 1 || !runq->lone->in_queue))
		return false;
	return count == runq->waiting && !runq->running->in_queue && !runq->idle->in_queue;
}

bool runq_consistent(struct runq *runq)
{
	uint64_t flags = spin_lock_irqsave(&runq->lock);
	bool consistent = runq_consistent_locked(runq);

	spin_unlock_irqrestore(&runq->lock, flags);
	return consistent;
}

bool sched_consistent(void)
{
	bool consistent = true;

	for (uint32_t cpu = 0; cpu < READ_ONCE(runq_count); cpu++)
		consistent = consistent && runq_consistent(runqs[cpu]);
	return consistent;
}
