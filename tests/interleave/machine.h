/* SPDX-License-Identifier: BSD-2-Clause */
#pragma once
/* The simulated machine, for scenarios. */
#include "kernel/sched/thread.h"
#include "tests/interleave/engine.h"

/* Given by the scheduler, the toy or the real one: what @cpu runs at first. */
struct thread *machine_thread(unsigned cpu);

/* The toy's: its thread later on. */
struct thread *machine_thread_of(unsigned cpu);

/* Turn interrupts on and sleep until one has been taken whose handler calls engine_unpark(). */
void machine_wait_irq(void);
