/* SPDX-License-Identifier: BSD-2-Clause */
#pragma once
/*
 * Timers whose action takes process_lock, which no interrupt may. The timer's interrupt hands them
 * to a kernel thread; until that has come to them they are due, and can still be stopped.
 */
#include "kernel/lib/errors.h"
#include "kernel/lib/list.h"

#include "kernel/core/time.h"

struct deferred_timer {
	struct timer timer;
	struct list_node due; /* gone off, not acted upon */
	/* With process_lock; may start the timer again. */
	void (*act)(struct deferred_timer *timer);
};

void deferred_timer_init(struct deferred_timer *timer, void (*act)(struct deferred_timer *timer));

/** Start for the monotonic time @deadline_ns, or move. Context: process_lock held. */
void deferred_timer_start(struct deferred_timer *timer, uint64_t deadline_ns);

/**
 * Let it act soon, whether it runs or not: what it waits for has moved.
 * Context: any; nobody frees it meanwhile.
 */
void deferred_timer_wake(struct deferred_timer *timer);

/** It does not act any more after the return. Context: process_lock held. */
void deferred_timer_stop_locked(struct deferred_timer *timer);

/** Whether it will act. Context: process_lock held. */
bool deferred_timer_runs_locked(const struct deferred_timer *timer);

/** Start the thread that acts. Context: boot, once, before the first process. */
enum err deferred_timers_init(void);
