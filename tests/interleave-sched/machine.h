/* SPDX-License-Identifier: BSD-2-Clause */
#pragma once
/*
 * The scheduler's own files on the engine's CPUs. A thread is a name only: what it does is a
 * function that runs on whatever CPU the scheduler gives it, until it sleeps, yields or ends. A
 * flow of control goes on as the thread that the switch led to.
 */
#include "kernel/sched/place.h"
#include "tests/interleave/machine.h"

#define SCHED_THREADS 3u

extern struct thread sched_threads[SCHED_THREADS];

/* In a setup: @cpus idle CPUs; @count threads, none of them woken; @act is what they do. */
void sched_machine(unsigned cpus, unsigned count, void (*act)(unsigned thread));
/* In a setup: thread @thread waits for CPU @cpu; it has it. */
void sched_queue(unsigned thread, unsigned cpu);
void sched_dispatch(unsigned thread, unsigned cpu);

/* A scenario's run and check: until all threads have ended; each has, once. */
void sched_run(unsigned cpu);
void sched_check(void);

/* In @act: give the CPU away, if somebody waits for it. The caller returns. */
void sched_give_away(void);
