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

void runq_push(struct runq *runq, struct thread *thread)
{
	ASSERT(!thread->in_queue && thread->state == THREAD_RUNNABLE);
	if (thread->boost != runq->boost) {
		thread->boost = runq->boost;
		thread->level = 0;
		thread->slice_ticks = 0;
	}
	list_add_tail(&runq->levels[thread->level], &thread->run_link);
	runq->filled |= 1u << thread->level;
	runq->waiting++;
	thread->in_queue = 1;
}

struct thread *runq_pop(struct runq *runq)
{
	struct list_node *level;
	struct thread *thread;

	if (!runq->filled)
		return runq->idle;
	level = &runq->levels[__builtin_ctz(runq->filled)];
	thread = list_first(level, struct thread, run_link);
	list_remove(&thread->run_link);
	if (list_empty(level))
		runq->filled &= runq->filled - 1;
	runq->waiting--;
	thread->in_queue = 0;
	return thread;
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

	list_for_each(node, &runq->levels[level]) {
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
