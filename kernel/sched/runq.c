/* SPDX-License-Identifier: BSD-2-Clause */
#include "kernel/sched/runq.h"

#include "kernel/sched/sched.h"

void runq_init(struct runq *runq, struct thread *idle)
{
	spin_init(&runq->lock, LOCK_RUN_QUEUE);
	for (unsigned i = 0; i < THREAD_LEVELS; i++)
		list_init(&runq->levels[i]);
	runq->idle = idle;
}

void runq_boost(struct runq *runq)
{
	runq->boost++;
	for (unsigned i = 1; i < THREAD_LEVELS; i++)
		list_splice_tail(&runq->levels[0], &runq->levels[i]);
	runq->filled = list_empty(&runq->levels[0]) ? 0 : 1;
}

static uint64_t runq_count_level(const struct runq *runq, unsigned level)
{
	uint64_t count = 0;

	list_for_each(node, &runq->levels[level])
	{
		const struct thread *thread = list_entry(node, struct thread, run_link);

		if (!thread->in_queue || thread->state != THREAD_RUNNABLE || thread->on_cpu)
			return ~0ull >> 8;
		count++;
	}
	return count;
}

bool sched_consistent(void)
{
	struct runq *runq = runq_self();
	uint64_t flags = spin_lock_irqsave(&runq->lock);
	uint64_t count = 0;
	bool filled_right = true;

	for (unsigned i = 0; i < THREAD_LEVELS; i++) {
		bool filled = runq->filled >> i & 1;

		filled_right = filled_right && filled == !list_empty(&runq->levels[i]);
		count += runq_count_level(runq, i);
	}
	filled_right = filled_right && count == runq->waiting && !thread_self()->in_queue;
	spin_unlock_irqrestore(&runq->lock, flags);
	return filled_right;
}
