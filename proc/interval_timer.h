/* SPDX-License-Identifier: BSD-2-Clause */
#pragma once
/*
 * alarm(2) and setitimer(2): SIGALRM by the clock of the wall, SIGVTALRM and SIGPROF by the
 * process's CPU time, all of which counts as the program's own.
 */
#include "proc/cpu_timer.h"

/* As setitimer numbers them. */
enum interval_kind { INTERVAL_REAL, INTERVAL_VIRTUAL, INTERVAL_PROF, INTERVAL_COUNT };

struct interval {
	uint64_t left_ns; /* 0: off */
	uint64_t interval_ns;
};

struct cpu_interval {
	struct cpu_timer timer;
	uint64_t interval_ns;
};

struct interval_timers {
	struct deferred_timer real;
	uint64_t real_interval_ns;
	struct cpu_interval cpu[2]; /* virtual, prof */
};

void interval_timers_init(struct interval_timers *timers);

/** Of the running process; either pointer may be NULL. Context: takes process_lock. */
void interval_timer_change(enum interval_kind kind, const struct interval *change,
			   struct interval *old);

/** SIGALRM was taken: a periodic timer's next round begins. Context: process_lock held. */
void interval_timer_again_locked(struct process *process);
