/* SPDX-License-Identifier: BSD-2-Clause */
#pragma once
/* The run queue of a CPU: which threads wait for it. Private to kernel/sched and its selftests. */
#include "kernel/lib/bits.h"

#include "kernel/core/spinlock.h"
#include "kernel/core/time.h"
#include "kernel/sched/cpu_set.h"
#include "kernel/sched/sched.h"
#include "kernel/sched/thread.h"

struct runq {
	struct spinlock lock;                   /* LOCK_RUN_QUEUE */
	uint32_t cpu;                           /* whose */
	uint32_t apic_id;
	uint32_t filled;                        /* bit n: levels[n] is not empty */
	struct list_node levels[THREAD_LEVELS]; /* of struct sched_part */
	struct thread *lone; /* the only one that waits stands here, in no list */
	uint64_t waiting;
	struct thread *idle;
	struct thread *running;  /* who has the CPU */
	struct thread *previous; /* who gave it away in the switch under way; the CPU's own */
	struct timer quantum;
	uint64_t boost_ns; /* when the next boost is due */
	uint64_t quantum_ticks;
	uint64_t rise_ticks;
	uint64_t switches;
	uint64_t away_ticks; /* before it began to run threads, and while it was out */
	uint64_t left_tsc;   /* it is out, since then; 0: it is not */
	struct sched_part kernel_part;
	struct kthread idle_thread;
} __aligned(64);
static_assert(sizeof(struct runq) <= SCHED_CPU_BYTES, "what bring-up hands in");

/* By CPU; NULL where none runs threads. */
extern struct runq *runqs[LIMIT_CPUS];
/* CPUs that have a run queue; they stand at the table's begin. */
extern uint32_t runq_count;

static inline struct runq *runq_self(void)
{
	return cpu_self()->runq;
}

void runq_init(struct runq *runq, uint32_t cpu, struct thread *idle);

/** Lock the run queue that @thread stands in, or would be woken to. Context: interrupts off. */
static inline struct runq *runq_lock_of(const struct thread *thread)
{
	for (;;) {
		struct runq *runq = runqs[READ_ONCE(thread->cpu)];

		spin_acquire(cpu_self(), &runq->lock);
		if (likely(thread->cpu == runq->cpu))
			return runq;
		spin_unlock(&runq->lock);
	}
}

static inline struct sched_part *runq_part(struct runq *runq, const struct sched_group *group)
{
	return group->parts ? &group->parts[runq->cpu] : &runq->kernel_part;
}

/**
 * The level for one who would go to @level: of a crowd not each goes through all levels before the
 * hogs of others get a turn, it is straight to the lowest.
 */
static inline uint8_t runq_sunken(struct runq *runq, const struct thread *thread, unsigned level)
{
	return (uint8_t)(runq_part(runq, thread->group)->waiting > SCHED_CROWD
				 ? THREAD_LEVELS - 1
				 : MIN(level, THREAD_LEVELS - 1));
}

/* Put @thread behind its level. */
void runq_link(struct runq *runq, struct thread *thread);

/** Queue @thread behind its level. Context: the lock. */
static inline void runq_push(struct runq *runq, struct thread *thread)
{
	ASSERT(!thread->in_queue && thread->state == THREAD_RUNNABLE);
	thread->in_queue = 1;
	if (likely(!runq->waiting++)) {
		runq->lone = thread;
		return;
	}
	if (runq->lone)
		runq_link(runq, runq->lone);
	runq->lone = NULL;
	runq_link(runq, thread);
}

/* Take the next thread out of the lists. */
struct thread *runq_unlink_next(struct runq *runq);

/** Take the next thread of the best level, or the idle thread. Context: the lock. */
static inline struct thread *runq_pop(struct runq *runq)
{
	struct thread *thread = runq->lone;

	if (!runq->waiting)
		return runq->idle;
	runq->lone = NULL;
	if (!thread)
		thread = runq_unlink_next(runq);
	runq->waiting--;
	thread->in_queue = 0;
	return thread;
}

/** Queue @thread and take the next one: it may be the same. Context: the lock. */
static inline struct thread *runq_exchange(struct runq *runq, struct thread *thread)
{
	struct thread *lone = runq->lone;

	if (lone && lone->level <= thread->level) {
		runq->lone = thread;
		thread->in_queue = 1;
		lone->in_queue = 0;
		return lone;
	}
	runq_push(runq, thread);
	return runq_pop(runq);
}

/** Take @thread, which waits there, out. Context: the lock. */
void runq_remove(struct runq *runq, struct thread *thread);

/**
 * Take a thread that may run on CPU @cpu and is off its stack; NULL: none among the first few, for
 * the lock is held. Context: the lock.
 */
struct thread *runq_give(struct runq *runq, uint32_t cpu);

/**
 * Let the longest waiting thread of the lowest level run next but one: it gets one quantum and
 * stays on its level, so that a thousand hogs do not stand before one that has just woken. Context:
 * the lock.
 */
void runq_boost(struct runq *runq);

/** Whether every thread in it is in one queue and one state, and counts agree. */
bool runq_consistent(struct runq *runq);
