/* SPDX-License-Identifier: BSD-2-Clause */
#include "kernel/sched/runq.h"

#include "kernel/lib/bits.h"

#include "kernel/sched/sched.h"

struct sched_group sched_group_kernel;
struct runq *runqs[LIMIT_CPUS];
uint32_t runq_count;

static void part_init(struct sched_part *part)
{
	for (unsigned i = 0; i < THREAD_LEVELS; i++) {
		list_init(&part->threads[i]);
		list_init(&part->link[i]);
	}
	part->waiting = 0;
}

void sched_group_init(struct sched_group *group, struct sched_part *parts, uint32_t count)
{
	for (uint32_t i = 0; i < count; i++)
		part_init(&parts[i]);
	group->parts = parts;
}

void runq_init(struct runq *runq, uint32_t cpu, struct thread *idle)
{
	spin_init(&runq->lock, LOCK_RUN_QUEUE);
	for (unsigned i = 0; i < THREAD_LEVELS; i++)
		list_init(&runq->levels[i]);
	part_init(&runq->kernel_part);
	runq->cpu = cpu;
	runq->idle = idle;
	runq->running = idle;
}

void runq_link(struct runq *runq, struct thread *thread)
{
	struct sched_part *part = runq_part(runq, thread->group);
	unsigned level = thread->level;

	list_add_tail(&part->threads[level], &thread->run_link);
	part->waiting++;
	if (list_empty(&part->link[level])) {
		list_add_tail(&runq->levels[level], &part->link[level]);
		runq->filled |= 1u << level;
	}
	thread->queued_level = (uint8_t)level;
}

/* Take a thread out of its level; its group goes behind the others. */
static void unlink(struct runq *runq, struct sched_part *part, struct thread *thread)
{
	unsigned level = thread->queued_level;
	struct list_node *parts = &runq->levels[level];

	list_remove(&thread->run_link);
	part->waiting--;
	list_remove(&part->link[level]);
	if (!list_empty(&part->threads[level]))
		list_add_tail(parts, &part->link[level]);
	else if (list_empty(parts))
		runq->filled &= ~(1u << level);
}

/* Take the next thread of a level that is filled: the groups take turns. */
static struct thread *unlink_first(struct runq *runq, unsigned level)
{
	struct sched_part *part =
		container_of(runq->levels[level].next - level, struct sched_part, link);
	struct thread *thread = list_first(&part->threads[level], struct thread, run_link);

	unlink(runq, part, thread);
	return thread;
}

struct thread *runq_unlink_next(struct runq *runq)
{
	return unlink_first(runq, (unsigned)__builtin_ctz(runq->filled));
}

void runq_remove(struct runq *runq, struct thread *thread)
{
	ASSERT(thread->in_queue && thread->cpu == runq->cpu);
	if (runq->lone == thread)
		runq->lone = NULL;
	else
		unlink(runq, runq_part(runq, thread->group), thread);
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

static struct thread *find_in_level(const struct runq *runq, unsigned level, uint32_t cpu,
				    unsigned *looks)
{
	list_for_each(node, &runq->levels[level])
	{
		const struct sched_part *part =
			container_of(node - level, struct sched_part, link);

		list_for_each(link, &part->threads[level])
		{
			struct thread *thread = list_entry(link, struct thread, run_link);

			if (may_give(thread, cpu))
				return thread;
			if (!--*looks)
				return NULL;
		}
	}
	return NULL;
}

static struct thread *find(const struct runq *runq, uint32_t cpu)
{
	unsigned looks = LOOKS;

	if (runq->lone)
		return may_give(runq->lone, cpu) ? runq->lone : NULL;
	for (uint32_t left = runq->filled; left && looks; left &= left - 1) {
		struct thread *thread =
			find_in_level(runq, (unsigned)__builtin_ctz(left), cpu, &looks);

		if (thread)
			return thread;
	}
	return NULL;
}

struct thread *runq_give(struct runq *runq, uint32_t cpu)
{
	struct thread *thread = find(runq, cpu);

	if (thread)
		runq_remove(runq, thread);
	return thread;
}

void runq_boost(struct runq *runq)
{
	if (runq->filled <= 1)
		return;
	struct thread *thread = unlink_first(runq, log2_floor(runq->filled));
	struct sched_part *part = runq_part(runq, thread->group);
	list_add_tail(&part->threads[0], &thread->run_link);
	part->waiting++;
	if (list_empty(&part->link[0]))
		list_add_tail(&runq->levels[0], &part->link[0]);
	runq->filled |= 1;
	thread->queued_level = 0;
}

#define COUNT_BROKEN (~0ull >> 8)

static uint64_t count_part(const struct sched_part *part, unsigned level)
{
	uint64_t count = 0;

	list_for_each(node, &part->threads[level])
	{
		const struct thread *thread = list_entry(node, struct thread, run_link);

		if (!thread->in_queue || thread->state != THREAD_RUNNABLE ||
		    thread->queued_level != level)
			return COUNT_BROKEN;
		count++;
	}
	return count ? count : COUNT_BROKEN;
}

static uint64_t runq_count_level(const struct runq *runq, unsigned level)
{
	uint64_t count = 0;

	list_for_each(node, &runq->levels[level]) count +=
		count_part(container_of(node - level, struct sched_part, link), level);
	return count;
}

/* What every switch may rely on. Context: the lock. */
static bool runq_consistent_locked(const struct runq *runq)
{
	uint64_t count = runq->lone != NULL;

	for (unsigned i = 0; i < THREAD_LEVELS; i++) {
		bool filled = runq->filled >> i & 1;

		if (filled == list_empty(&runq->levels[i]))
			return false;
		count += runq_count_level(runq, i);
	}
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
