/* SPDX-License-Identifier: BSD-2-Clause */
#pragma once
/* The run queue of a CPU: which threads wait for it. Private to kernel/sched and its selftests. */
#include "kernel/lib/bits.h"

#include "kernel/core/spinlock.h"
#include "kernel/core/time.h"
#include "kernel/sched/sched.h"
#include "kernel/sched/thread.h"

struct runq {
	struct spinlock lock;                   /* LOCK_RUN_QUEUE */
	uint32_t filled;                        /* bit n: levels[n] is not empty */
	struct list_node levels[THREAD_LEVELS]; /* of struct sched_group */
	uint64_t waiting;
	struct thread *idle;
	struct thread *previous; /* who gave the CPU away in the switch under way */
	struct timer quantum;
	uint64_t boost_ns; /* when the next boost is due */
	uint64_t quantum_ticks;
	uint64_t rise_ticks;
	uint64_t switches;
};

/* CPU 0's. */
extern struct runq runq_boot;

static inline struct runq *runq_self(void)
{
	return &runq_boot;
}

void runq_init(struct runq *runq, struct thread *idle);

/**
 * The level for one who would go to @level: of a crowd not each goes through all levels before the
 * hogs of others get a turn, it is straight to the lowest.
 */
static inline uint8_t runq_sunken(const struct thread *thread, unsigned level)
{
	return (uint8_t)(thread->group->waiting > SCHED_CROWD ? THREAD_LEVELS - 1
							      : MIN(level, THREAD_LEVELS - 1));
}

/** Queue @thread behind its level. Context: the lock. */
static inline void runq_push(struct runq *runq, struct thread *thread)
{
	ASSERT(!thread->in_queue && thread->state == THREAD_RUNNABLE);
	struct sched_group *group = thread->group;
	unsigned level = thread->level;

	list_add_tail(&group->threads[level], &thread->run_link);
	group->waiting++;
	if (list_empty(&group->link[level])) {
		list_add_tail(&runq->levels[level], &group->link[level]);
		runq->filled |= 1u << level;
	}
	runq->waiting++;
	thread->in_queue = 1;
}

/* Take the next thread of a level that is filled: the groups take turns. Context: the lock. */
static inline struct thread *runq_take(struct runq *runq, unsigned level)
{
	struct list_node *groups = &runq->levels[level];
	struct sched_group *group = container_of(groups->next - level, struct sched_group, link);
	struct thread *thread = list_first(&group->threads[level], struct thread, run_link);

	list_remove(&thread->run_link);
	group->waiting--;
	list_remove(&group->link[level]);
	if (!list_empty(&group->threads[level]))
		list_add_tail(groups, &group->link[level]);
	else if (list_empty(groups))
		runq->filled &= ~(1u << level);
	return thread;
}

/** Take the next thread of the best level, or the idle thread. Context: the lock. */
static inline struct thread *runq_pop(struct runq *runq)
{
	if (!runq->filled)
		return runq->idle;
	struct thread *thread = runq_take(runq, (unsigned)__builtin_ctz(runq->filled));
	runq->waiting--;
	thread->in_queue = 0;
	return thread;
}

/**
 * Let the longest waiting thread of the lowest level run next but one: it gets one quantum and
 * stays on its level, so that a thousand hogs do not stand before one that has just woken. Context:
 * the lock.
 */
void runq_boost(struct runq *runq);
