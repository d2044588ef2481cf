/* SPDX-License-Identifier: BSD-2-Clause */
#pragma once
/* Which CPU a thread waits for, and what that CPU is told. Private to kernel/sched. */
#include "kernel/sched/cpu_set.h"
#include "kernel/sched/runq.h"

/* CPUs that look for work or wait for an interrupt; who takes a bit out sends that CPU work. */
extern struct cpu_set idle_cpus;
/* CPUs that run threads. A bit goes under the CPU's run queue's lock: nobody is queued there then.
 */
extern struct cpu_set sched_cpus;

static inline void thread_work_add(struct thread *thread, uint32_t work)
{
	__atomic_fetch_or(&thread->context.work, work, __ATOMIC_SEQ_CST);
}

/* Charge the running thread up to now, on whatever CPU it runs. Context: the lock. */
void running_charge(struct runq *runq);

/* Somebody waits: see to it that the quantum ends. Context: the lock, on the queue's CPU. */
static inline void quantum_watch(struct runq *runq)
{
	if (unlikely(!READ_ONCE(runq->quantum.armed)))
		timer_start(&runq->quantum, time_now_ns() + SCHED_QUANTUM_NS);
}

/*
 * Charge the running thread, if no quantum's end has done so lately: who is woken now is placed by
 * its virtual time. Context: the lock.
 */
static inline void runq_catch_up(struct runq *runq)
{
	if (unlikely(!READ_ONCE(runq->quantum.armed)))
		running_charge(runq);
}

/* The quantum's timer has gone off. */
void quantum_end(struct timer *timer);

/* The CPU of @runq, another one, shall look at its queue. Context: any. */
void runq_kick(const struct runq *runq);

/**
 * Choose the CPU for a runnable thread that stands in no queue: its last one if that is idle, else
 * an idle one, else the last again. Context: @runq locked, which is that of thread->cpu.
 * Return: the chosen one's queue, locked instead.
 */
struct runq *runq_choose(struct runq *runq, struct thread *thread);

/**
 * Queue @thread and see to it that it gets its turn; @at_once: now. Context: the lock, interrupts
 * off.
 */
static inline void runq_enqueue(struct runq *runq, struct thread *thread, bool at_once)
{
	struct thread *running = runq->running;

	runq_push(runq, thread);
	if (likely(runq == runq_self())) {
		quantum_watch(runq);
		if (at_once)
			thread_work_add(running, THREAD_RESCHED);
	} else if (at_once || !READ_ONCE(runq->quantum.armed)) {
		/* Only the CPU itself can start its timer. */
		thread_work_add(running, THREAD_RESCHED);
		runq_kick(runq);
	}
}

/** The same for one that was not asleep. */
static inline void runq_enqueue_moved(struct runq *runq, struct thread *thread)
{
	runq_enqueue(runq, thread, runq_welcome(runq, thread, false));
}

/* A thread that has just left its stack must go to another CPU. Context: interrupts off. */
void thread_move(struct thread *thread);

/* @thread, taken out of @victim's queue, is @runq's CPU's. Context: @victim's lock. */
static inline void runq_move(struct runq *victim, const struct runq *runq, struct thread *thread)
{
	runq_leave(victim, thread);
	WRITE_ONCE(thread->cpu, runq->cpu);
}

/* It comes to @runq. Context: interrupts off, no lock. */
void runq_receive(struct runq *runq, struct thread *thread);

/* At a quantum's end. Context: the same. */
void balance(struct runq *runq);

/* Have an idle CPU come for what waits here. Context: the lock. */
void idle_call(const struct runq *runq);

/* The idle thread of a CPU that runs no threads any more: does not return. */
_Noreturn void idle_leave(struct runq *runq);

/* What an idle thread runs; @arg: its run queue. */
void idle_run(void *arg);
