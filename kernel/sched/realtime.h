/* SPDX-License-Identifier: BSD-2-Clause */
#pragma once
/*
 * Real-time threads, SCHED_FIFO and SCHED_RR: a list for each priority, in front of all others.
 * One runs until it sleeps or a better one wants the CPU; SCHED_RR takes turns with its equals.
 * Together they have 95 quanta of a hundred while somebody else wants the CPU. Above them stand
 * those of SCHED_DEADLINE (deadline.h), which this limit counts but does not stop.
 */
#include "kernel/lib/bits.h"
#include "kernel/lib/list.h"
#include "kernel/lib/rbtree.h"

#define REALTIME_BEST          99u  /* priorities 1 to 99; 0: none */
#define REALTIME_DEADLINE      100u /* SCHED_DEADLINE's, above all: a tree by deadlines */
#define REALTIME_PERIOD_QUANTA 100u
#define REALTIME_LIMIT_QUANTA  95u

struct runq;
struct thread;

struct realtime {
	struct list_node lists[REALTIME_BEST + 1]; /* garbage where @filled has no bit */
	struct rb_tree deadlines;
	uint64_t filled[2];
	uint64_t deadline_share; /* of the budgets at home here; who admits them sees to it */
	uint64_t waiting;
	uint64_t period_start, used; /* ticks: of this period */
	bool is_throttled;
};

/** The best priority that waits; 0: none. */
static inline uint32_t realtime_best(const struct realtime *realtime)
{
	if (realtime->filled[1])
		return 64 + log2_floor(realtime->filled[1]);
	return realtime->filled[0] ? log2_floor(realtime->filled[0]) : 0;
}

/** Queue @thread, behind its equals or, if it was interrupted, before them. */
void realtime_add(struct realtime *realtime, struct thread *thread, bool before);
void realtime_remove(struct realtime *realtime, struct thread *thread);
/** Take the first. Context: one waits. */
struct thread *realtime_take(struct realtime *realtime);

/* The running @thread, real-time, has used @ticks more. Context: its run queue's lock. */
void realtime_count(struct thread *thread, uint64_t ticks);

/** Real-time threads used @used ticks, up to @now; @quantum: ticks, what the limit is counted in.
 */
void realtime_charge(struct realtime *realtime, uint64_t used, uint64_t now, uint64_t quantum);

/* Whether @running, real-time or not, is to leave the CPU; @is_over: its quantum is used up. */
bool realtime_must_leave(struct runq *runq, struct thread *running, bool is_over);

/* Whether @thread, woken or moved here, is to have the CPU at once if it is real-time. */
bool realtime_goes_first(const struct runq *runq, struct thread *thread);

/* @thread has its own or the lent priority from now on. Context: @runq locked, which is its. */
void realtime_apply(struct runq *runq, struct thread *thread);

/**
 * Give @thread the real-time priority 1 to 99 and, by @takes_turns, the class SCHED_RR; 0: none.
 * Context: any.
 */
void thread_realtime_set(struct thread *thread, uint32_t priority, bool takes_turns);

/**
 * CPU time that @thread has used with its own priority since it last slept: neither a yield nor who
 * takes the CPU from it begins it anew. Context: any.
 */
uint64_t thread_realtime_ns(struct thread *thread);

/** @owner has at least @priority until thread_realtime_return(). Context: any below LOCK_RUN_QUEUE.
 */
void thread_realtime_lend(struct thread *owner, uint32_t priority);
/**
 * @owner has at least @priority (up to REALTIME_BEST) until the next call; 0: none. Context: any
 * below LOCK_RUN_QUEUE.
 */
void thread_realtime_inherit(struct thread *owner, uint32_t priority);
/** The running thread gives back what was lent to it. Context: thread. */
void thread_realtime_return(void);
