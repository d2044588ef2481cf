/* SPDX-License-Identifier: BSD-2-Clause */
/* Whether a run queue is what every switch relies on. */
#include "kernel/sched/runq.h"

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
	count += runq->realtime.waiting;
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
