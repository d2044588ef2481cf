/* SPDX-License-Identifier: BSD-2-Clause */
#pragma once
/* The run queue of a CPU: which threads wait for it. Private to kernel/sched and its selftests. */
#include "kernel/lib/bits.h"

#include "kernel/core/spinlock.h"
#include "kernel/core/time.h"
#include "kernel/sched/cpu_set.h"
#include "kernel/sched/realtime.h"
#include "kernel/sched/sched.h"
#include "kernel/sched/thread.h"
#include "kernel/sched/weight.h"

struct runq {
	struct spinlock lock; /* LOCK_RUN_QUEUE */
	uint32_t cpu;         /* whose */
	uint32_t apic_id;
	struct realtime realtime;
	struct calendar parts; /* of struct sched_part */
	struct thread *lone;   /* the only one that waits, if not real-time, in no calendar */
	uint64_t waiting;
	struct thread *idle;
	struct thread *running;  /* who has the CPU */
	uint32_t urgency;        /* his real-time priority, for those without the lock */
	struct thread *previous; /* who gave it away in the switch under way; the CPU's own */
	struct timer quantum;
	uint64_t quantum_ticks; /* of one among two; of more each gets less */
	uint64_t switches;
	uint32_t next_look;  /* balance(): at which CPU */
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
/* A part's turn goes on by 1/2^this of what its group uses: about by its average on a CPU. */
extern uint32_t runq_turn_shift;

static inline struct runq *runq_self(void)
{
	return cpu_self()->runq;
}

void runq_init(struct runq *runq, uint32_t cpu, struct thread *idle);

/* @thread is the first of all that want to run. */
void runq_pick(struct runq *runq, const struct thread *thread);

/* The running thread's group is told what it has used here, and its turn learns of the rest.
 * Context: the lock; the thread is charged. */
void runq_tell_group(struct runq *runq);

/* @part learns what its group has used elsewhere. */
void part_learn(const struct sched_group *group, struct sched_part *part);

/* The running thread's part, which has waiting ones, has used time: to its new place. */
void runq_move_part(struct runq *runq, struct sched_part *part);

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

/* How far the group's threads there are, by the time that all its parts go by. */
static inline uint64_t part_now(const struct sched_part *part)
{
	return part->threads.now + part->skew;
}

/* Nobody is behind @now by more than what a calendar can tell. Context: the lock. */
static inline void part_keep_up(struct sched_part *part, uint64_t now)
{
	uint64_t least = now - CALENDAR_LAG_NS;

	if (vtime_after(least, part_now(part)))
		part->skew += least - part_now(part);
}

static inline struct sched_part *runq_part(struct runq *runq, const struct sched_group *group)
{
	return group->parts ? &group->parts[runq->cpu] : &runq->kernel_part;
}

/** How long one may run while others wait. */
static inline uint64_t runq_quantum(const struct runq *runq)
{
	uint64_t whole = runq->quantum_ticks, round = SCHED_ROUND_QUANTA * whole;

	if (likely(runq->waiting < SCHED_ROUND_QUANTA))
		return whole;
	return MAX(round / (runq->waiting + 1), whole / SCHED_SLICE_PARTS);
}

/**
 * Charge @thread for the CPU time since the last time: it is in no calendar. Whoever looks at its
 * virtual time settles it first; a switch does not. Context: the lock.
 */
void runq_settle(struct runq *runq, struct thread *thread);
/** The same for the running thread, which is not the idle one; it may be alone. */
void runq_settle_running(struct runq *runq);

/**
 * Whether @thread's turn comes at least @margin_ns before @other's; both are settled. Threads of
 * two groups go by their groups' times.
 */
static inline bool runq_precedes(const struct thread *thread, const struct thread *other,
				 uint64_t margin_ns)
{
	const struct calendar_entry *a = &thread->turn, *b = &other->turn;

	if (thread->part != other->part) {
		a = &thread->part->turn;
		b = &other->part->turn;
		margin_ns >>= runq_turn_shift;
	}
	return vtime_after(b->vtime, a->vtime + margin_ns);
}

/*
 * Before @thread, which was away or is new, is queued. It has a bounded credit for the time it was
 * away; a new one has none.
 */
void runq_place(struct runq *runq, struct thread *thread, bool is_new);

/* runq_welcome() where a real-time thread is one of the two. */
bool runq_welcome_realtime(struct runq *runq, struct thread *thread, bool is_new);

/**
 * The same, where it need not be done for one who was away shortly: threads that wake each other.
 * Return: whether @thread is to have the CPU at once. Context: the lock.
 */
static inline bool runq_welcome(struct runq *runq, struct thread *thread, bool is_new)
{
	const struct thread *running = runq->running;

	if (unlikely(thread->realtime | running->realtime))
		return runq_welcome_realtime(runq, thread, is_new);
	if (likely(!is_new)) {
		/* What is too little to matter is charged with what follows. */
		if (unlikely(thread->cpu_ticks - thread->settled_ticks >
			     runq->quantum_ticks / SCHED_SETTLE_PARTS))
			runq_settle(runq, thread);
		if (likely(thread->part == running->part &&
			   !runq_precedes(thread, running, SCHED_PREEMPT_NS)))
			return running == runq->idle;
	}
	runq_place(runq, thread, is_new);
	return running == runq->idle || (!thread->is_batch && !running->is_leaving &&
					 runq_precedes(thread, running, SCHED_PREEMPT_NS));
}

/*
 * Between the two @thread goes from one CPU to another. Context: the lock, of the run queue that it
 * leaves and of the one it is at then.
 */
void runq_leave(struct runq *runq, struct thread *thread);
void runq_arrive(struct runq *runq, struct thread *thread);

/* @thread, which is in no queue, is @group's from now on, as far ahead or behind as it was. */
void runq_change_group(struct runq *runq, struct thread *thread, struct sched_group *group);

/* Put @thread into the calendars, settled, or among the real-time ones. */
void runq_link(struct runq *runq, struct thread *thread);

/** Queue @thread behind those of its time. Context: the lock. */
static inline void runq_push(struct runq *runq, struct thread *thread)
{
	ASSERT(!thread->in_queue && thread->state == THREAD_RUNNABLE);
	thread->in_queue = 1;
	if (likely(!(runq->waiting++ | thread->realtime))) {
		runq->lone = thread;
		return;
	}
	if (runq->lone)
		runq_link(runq, runq->lone);
	runq->lone = NULL;
	runq_link(runq, thread);
}

/** The next thread that is not real-time. Context: the lock; one waits. */
const struct thread *runq_first(const struct runq *runq);

/* Take the next thread that is not the lone one out of its list. */
struct thread *runq_unlink_next(struct runq *runq);

/** Take the next thread, or the idle one. Context: the lock. */
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
struct thread *runq_exchange(struct runq *runq, struct thread *thread);

/** Take the next one and queue @thread behind: whoever yields, yields. Context: the lock. */
static inline struct thread *runq_yield(struct runq *runq, struct thread *thread)
{
	struct thread *next = runq->lone;

	if (unlikely(thread->realtime)) {
		thread->turn_is_over = true;
		return runq_exchange(runq, thread);
	}
	if (likely(next != NULL)) {
		runq->lone = thread;
		thread->in_queue = 1;
		next->in_queue = 0;
		return next;
	}
	if (unlikely(!runq->waiting))
		return thread;
	next = runq_pop(runq);
	runq_push(runq, thread);
	return next;
}

/** Take @thread, which waits there, out. Context: the lock. */
void runq_remove(struct runq *runq, struct thread *thread);

/**
 * Take a thread that may run on CPU @cpu and is off its stack; NULL: none among the first few, for
 * the lock is held. Context: the lock.
 */
struct thread *runq_give(struct runq *runq, uint32_t cpu);
/** The same of @part only. */
struct thread *runq_give_part(struct runq *runq, const struct sched_part *part, uint32_t cpu);

/** Whether every thread in it is in one queue and one state, and counts agree. */
bool runq_consistent(struct runq *runq);
