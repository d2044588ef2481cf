/* SPDX-License-Identifier: BSD-2-Clause */
/* Which thread another CPU may have. */
#include "kernel/sched/runq.h"

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
	/* Those of SCHED_DEADLINE stay where they are at home. */
	for (uint32_t best = MIN(realtime_best(&runq->realtime), REALTIME_BEST);
	     best && looks && !thread; best--)
		if (runq->realtime.filled[best / 64] >> best % 64 & 1)
			thread = find_in_bucket(&runq->realtime.lists[best], cpu, &looks);
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

struct thread *runq_give_part(struct runq *runq, const struct sched_part *part, uint32_t cpu)
{
	struct thread *thread = runq->lone;
	unsigned looks = LOOKS;

	if (!thread)
		thread = find_in_part(part, cpu, &looks);
	else if (thread->part != part || !may_give(thread, cpu))
		thread = NULL;
	/* Who has come and not run yet stays: or he might go round for ever. */
	if (thread && thread->is_moved)
		return NULL;
	if (thread)
		runq_remove(runq, thread);
	return thread;
}
