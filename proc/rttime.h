/* SPDX-License-Identifier: BSD-2-Clause */
#pragma once
/*
 * RLIMIT_RTTIME: how much CPU time a SCHED_FIFO or SCHED_RR thread uses without a sleep. A timer is
 * set for the earliest moment at which it can be too much; it only looks, the thread itself sends
 * the signal on its way to ring 3. So no other thread need get the CPU beside it.
 */
#include "kernel/lib/types.h"

#include "kernel/core/time.h"

struct task;

/* In struct task. */
struct rttime {
	struct timer timer;
	uint64_t limit_ns; /* the lower of both limits; 0: it is not watched */
	bool is_due;       /* the limit was reached */
};

/* Context of both: process_lock held. */

/** Its class, its limit or its process has changed. */
void rttime_start_locked(struct task *task);
/** Its timer does not run any more. */
void rttime_stop_locked(struct task *task);

/**
 * The running thread has reached a limit: SIGXCPU for it, at the soft one and each second from
 * there; at the hard one its process is killed. Context: on the way to ring 3.
 */
void rttime_reached(void);
