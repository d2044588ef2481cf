/* SPDX-License-Identifier: BSD-2-Clause */
#pragma once
/*
 * Timers that count the CPU time of a process or of one of its threads. Nothing counts along: a
 * clock of the wall is set for the earliest moment at which one of them can be due, and set again
 * for what is left then. So a switch costs nothing, and a timer is late by CPU_TIMER_LATE_NS at
 * most.
 */
#include "kernel/lib/errors.h"
#include "kernel/lib/list.h"
#include "kernel/lib/types.h"

#include "proc/deferred_timer.h"

#define CPU_TIMER_LATE_NS 10000000ull

struct pid;
struct process;

struct cpu_timer {
	struct list_node link; /* process->cpu_timers.running, else in no list */
	struct pid *thread;    /* whose time counts; NULL: the process's. The owner's reference */
	uint64_t deadline_ns;  /* in that time */
	/* It does not run any more, but may be started again. */
	void (*expire)(struct process *process, struct cpu_timer *timer);
};

struct cpu_timers {
	struct list_node running;
	struct deferred_timer check;
	struct cpu_timer limit; /* RLIMIT_CPU */
};

/* Context of all: process_lock held. */

void cpu_timers_init(struct cpu_timers *timers);
void cpu_timers_stop_locked(struct process *process);
/** One thread more: their time may come sooner. */
void cpu_timers_thread_added_locked(struct process *process);
void cpu_timer_init(struct cpu_timer *timer,
		    void (*expire)(struct process *process, struct cpu_timer *timer));
void cpu_timer_start_locked(struct process *process, struct cpu_timer *timer, uint64_t deadline_ns);
/* Behind the last one the clock is at rest. */
void cpu_timer_stop_locked(struct process *process, struct cpu_timer *timer);
/** Its clock; 0 once the thread has ended. */
uint64_t cpu_timer_now_locked(const struct process *process, const struct cpu_timer *timer);

/** RLIMIT_CPU was set or inherited: SIGXCPU each second from the soft limit on, then SIGKILL. */
void cpu_limit_start_locked(struct process *process);

/** CPU time of all its threads, also of those that ended. */
uint64_t process_cpu_ns_locked(const struct process *process);

/**
 * The CPU clock of a process or thread, as clock_getcpuclockid(3) names it, or of the caller
 * (CLOCK_PROCESS_CPUTIME_ID, CLOCK_THREAD_CPUTIME_ID). Takes process_lock.
 * Return: OK; ERR_INVAL when there is none.
 */
enum err cpu_clock_read(uint32_t clock, uint64_t *ns);

/**
 * The same for a timer, which may count only the caller's own: OK and a reference to the thread, or
 * NULL for the process; ERR_INVAL. Context: process_lock held.
 */
enum err cpu_clock_own_locked(uint32_t clock, struct pid **thread);
