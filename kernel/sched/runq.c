/* SPDX-License-Identifier: BSD-2-Clause */
#include "kernel/sched/runq.h"

#include "kernel/lib/bits.h"

#include "kernel/sched/sched.h"

struct sched_group sched_group_kernel;

void sched_group_init(struct sched_group *group)
{
	for (unsigned i = 0; i < THREAD_LEVELS; i++) {
		list_init(&group->threads[i]);
		list_init(&group->link[i]);
	}
}

void runq_init(struct runq *runq, struct thread *idle)
{
	spin_init(&runq->lock, LOCK_RUN_QUEUE);
	for (unsigned i = 0; i < THREAD_LEVELS; i++)
		list_init(&runq->levels[i]);
	runq->idle = idle;
}

void runq_boost(struct runq *runq)
{
	if (runq->filled <= 1)
		return;
	struct thread *thread = runq_take(runq, log2_floor(runq->filled));
	struct sched_group *group = thread->group;
	list_add_tail(&group->threads[0], &thread->run_link);
	group->waiting++;
	if (list_empty(&group->link[0]))
		list_add_tail(&runq->levels[0], &group->link[0]);
	runq->filled |= 1;
}

#define COUNT_BROKEN (~0ull >> 8)

static uint64_t count_group(const struct sched_group *group, unsigned level)
{
	uint64_t count = 0;

	list_for_each(node, &group->threads[level])
	{
		const struct thread *thread = list_entry(node, struct thread, run_link);

		if (!thread->in_queue || thread->state != THREAD_RUNNABLE || thread->on_cpu)
			return COUNT_BROKEN;
		count++;
	}
	return count ? count : COUNT_BROKEN;
}

static uint64_t runq_count_level(const struct runq *runq, unsigned level)
{
	uint64_t count = 0;

	list_for_each(node, &runq->levels[level]) count +=
		count_group(container_of(node - level, struct sched_group, link), level);
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
