/* SPDX-License-Identifier: BSD-2-Clause */
#pragma once
/*
 * The scheduler of one CPU: THREAD_LEVELS queues, first in first out. A thread that has used up its
 * quantum, in however many pieces, sinks one level and goes behind the others; one that has slept
 * for SCHED_RISE_NS starts at the top again, and a process begins where its parent stands. While
 * more than SCHED_CROWD threads of a group wait, its threads sink to the lowest level at once and
 * new ones begin there: a fork bomb must not keep others from the CPU one quantum a process. Every
 * SCHED_BOOST_NS the longest waiting thread of the lowest level gets a turn before the others, so
 * that it runs too. The quantum is one more timer, set only while somebody waits.
 */
#include "kernel/lib/types.h"

#define SCHED_QUANTUM_NS 10000000ull
#define SCHED_BOOST_NS   50000000ull
#define SCHED_RISE_NS    30000000ull
#define SCHED_CROWD      8u /* threads of one group that wait */

struct thread;
struct list_node;

/**
 * Make the flow of control that calls this a thread (@boot: the boot thread) and prepare the idle
 * thread, which runs on [idle_stack_base, idle_stack_top). Context: boot, once per CPU, after
 * time_init.
 */
void sched_init(struct thread *boot, void *idle_stack_base, void *idle_stack_top);

/** Threads waiting for this CPU, without the running one. Context: any; a snapshot. */
uint64_t sched_waiting_count(void);

/** Threads that run or wait for a CPU. Context: any, an interrupt counts what it came upon. */
uint64_t sched_runnable_count(void);

/** Switches on all CPUs since boot. */
uint64_t sched_switch_count(void);

/** Nanoseconds this CPU has been idle. */
uint64_t sched_idle_ns(void);

/** Running timers that somebody will miss: all but this CPU's quantum, which comes and goes. */
uint64_t sched_timer_count(void);

/** Check that every queued thread is in one queue and one state and counts agree (P-M14-07). */
bool sched_consistent(void);
