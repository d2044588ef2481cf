/* SPDX-License-Identifier: BSD-2-Clause */
#pragma once
/*
 * The scheduler. Each CPU has a run queue of its own and runs what stands in it; whoever wakes a
 * thread chooses the CPU (place.h), an idle CPU takes from the others (idle.c).
 *
 * The next to run is the one with the least virtual time: CPU time, divided by what a thread weighs
 * (weight.h). The users share a CPU first, each user's threads share his part: two calendars
 * (calendar.h), so a choice takes the same time among any number. Whoever wakes has a credit of
 * CALENDAR_CREDIT_NS at most, and takes the CPU at once from one who is SCHED_PREEMPT_NS ahead of
 * him; a new thread has none. The quantum is one more timer, set only while somebody waits; it is
 * shorter when many do, so that a round among up to twenty takes SCHED_ROUND_QUANTA whole ones.
 */
#include "kernel/lib/types.h"

#define SCHED_QUANTUM_NS   10000000ull
#define SCHED_ROUND_QUANTA 2u       /* that all together get in turn */
#define SCHED_SLICE_PARTS  10u      /* no slice is less than this part of a quantum */
#define SCHED_SETTLE_PARTS 512u     /* of a quantum: less is not charged by each wake */
#define SCHED_KERNEL_SHIFT 3u       /* the kernel's threads weigh like eight users */
#define SCHED_PREEMPT_NS   2097152u /* a wake within this takes the CPU from nobody */

/* Memory of a CPU's scheduler, aligned to a cache line. */
#define SCHED_CPU_BYTES 8192u

struct cpu;
struct cpu_set;
struct thread;

/** How many CPUs may ever run threads; 1 until sched_limit_cpus(). */
uint32_t sched_cpu_limit(void);
/** Context: boot, before the first user's account is made. */
void sched_limit_cpus(uint32_t count);

/**
 * Make the flow of control that calls this a thread (@boot: the boot thread) and prepare the idle
 * thread, which runs on [idle_stack_base, idle_stack_top). Context: boot, CPU 0, after time_init.
 */
void sched_init(struct thread *boot, void *idle_stack_base, void *idle_stack_top);

/**
 * Give a further CPU a run queue in @memory (SCHED_CPU_BYTES) and an idle thread, which owns the
 * stack that the CPU starts on. Nobody is put there yet. Context: thread.
 */
void sched_init_cpu(struct cpu *cpu, void *memory, void *idle_stack_base, void *idle_stack_top);

/** The CPU itself: from now on it gets threads. CPUs come in the order of their numbers. */
void sched_open_cpu(void);
/** The CPU itself, on that stack: become its idle thread. Context: interrupts off, timers run. */
_Noreturn void sched_run_cpu(void);

/*
 * A CPU leaves: sched_empty_cpu(), while it may be asked for flushes and calls still;
 * sched_visit_cpus(), once it is not; sched_let_go(): it calls cpu_leave(). Context of all: one
 * kernel thread that may run anywhere.
 */

/**
 * Have CPU @cpu run no thread any more, not 0; returns when only its idle thread is left. False: it
 * has promised time to threads of SCHED_DEADLINE, and stays.
 */
bool sched_empty_cpu(uint32_t cpu);
/** Run on each CPU once: what others did without sleeping when this was called is over. */
void sched_visit_cpus(void);
void sched_let_go(uint32_t cpu);

/** The CPUs that run threads at the moment. */
struct cpu_set sched_cpus_now(void);

/* Where new threads may run. While parts of the kernel rely on one CPU it is CPU 0 alone. */
extern struct cpu_set sched_allowed;
/** Let threads that are made from now on run on every CPU, or on CPU 0 only. Context: boot. */
void sched_spread(bool everywhere);

/** Threads waiting for the caller's CPU, without the running one. Context: any; a snapshot. */
uint64_t sched_waiting_count(void);

/** Threads that run or wait for a CPU. Context: any, an interrupt counts what it came upon. */
uint64_t sched_runnable_count(void);

/** Switches on all CPUs since boot. */
uint64_t sched_switch_count(void);

/** Nanoseconds that all CPUs together, or one, have been idle. */
uint64_t sched_idle_ns(void);
uint64_t sched_cpu_idle_ns(uint32_t cpu);
/** The same of the time that they have run threads; while a CPU is out both stand still. */
uint64_t sched_busy_ns(void);
uint64_t sched_cpu_busy_ns(uint32_t cpu);

/** Running timers that somebody will miss: all but the CPUs' quanta, which come and go. */
uint64_t sched_timer_count(void);

/** Check that every queued thread is in one queue and one state and counts agree (P-M14-07). */
bool sched_consistent(void);
