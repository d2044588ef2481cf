/* SPDX-License-Identifier: BSD-2-Clause */
#pragma once
/* The run queue of a CPU: which threads wait for it. Private to kernel/sched and its selftests. */
#include "kernel/core/spinlock.h"
#include "kernel/core/time.h"
#include "kernel/sched/thread.h"

struct runq {
	struct spinlock lock; /* LOCK_RUN_QUEUE */
	uint32_t filled;      /* bit n: levels[n] is not empty */
	uint8_t boost;        /* counts boosts; a thread that has missed one starts at the top */
	struct list_node levels[THREAD_LEVELS];
	uint64_t waiting;
	struct thread *idle;
	struct thread *previous; /* who gave the CPU away in the switch under way */
	struct timer quantum;
	uint64_t boost_ns; /* when the next boost is due */
	uint64_t quantum_ticks;
	uint64_t switches;
};

/* CPU 0's. */
extern struct runq runq_boot;

static inline struct runq *runq_self(void)
{
	return &runq_boot;
}

void runq_init(struct runq *runq, struct thread *idle);

/** Queue @thread behind its level. Context: the lock. */
static inline void runq_push(struct runq *runq, struct thread *thread)
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

/** Take the first thread of the best level, or the idle thread. Context: the lock. */
static inline struct thread *runq_pop(struct runq *runq)
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

/** Let everybody start at the top again. Context: the lock. */
void runq_boost(struct runq *runq);
