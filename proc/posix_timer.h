/* SPDX-License-Identifier: BSD-2-Clause */
#pragma once
/*
 * POSIX timers: timer_create(2) and its kin. Each holds the one entry that it can have in a signal
 * queue, which counts against RLIMIT_SIGPENDING. While that is pending a periodic timer rests; the
 * rounds that passed meanwhile are its overruns.
 */
#include "kernel/lib/rbtree.h"

#include "proc/interval_timer.h"
#include "proc/signal.h"

enum timer_notify { SIGEV_SIGNAL = 0, SIGEV_NONE = 1, SIGEV_THREAD = 2, SIGEV_THREAD_ID = 4 };

/* struct sigevent of x86-64, as far as the kernel looks at it. */
struct timer_event {
	uint64_t value;
	int32_t signo;
	uint32_t notify;
	uint32_t thread; /* SIGEV_THREAD_ID */
	uint32_t pad[11];
};
static_assert(sizeof(struct timer_event) == 64, "struct sigevent, x86-64");

/* The timers of a process. */
struct posix_timers {
	struct rb_tree by_id;
	uint32_t next_id;
};

/**
 * Make a timer that does not run. @event NULL: SIGALRM with the timer's number as its value.
 * Return: its number; ERR_INVAL, ERR_OPNOTSUPP (a clock without timers), ERR_AGAIN.
 */
int64_t posix_timer_create(uint32_t clock, const struct timer_event *event);

/* For each: ERR_INVAL when the process has no such timer. Context: takes process_lock. */

/** Start it, or stop it where @change->left_ns is 0; @absolute: left_ns is a time of its clock. */
enum err posix_timer_set(uint32_t id, bool absolute, const struct interval *change,
			 struct interval *old);
enum err posix_timer_get(uint32_t id, struct interval *now);
/** How many rounds were missed before the last signal was taken. */
int64_t posix_timer_overrun(uint32_t id);
enum err posix_timer_delete(uint32_t id);

/** At exec and exit. Context: takes process_lock. */
void posix_timers_delete_all(struct process *process);

/** Its signal is being taken: fill in its part of @info. Context: process_lock held. */
void posix_timer_taken_locked(struct posix_timer *timer, struct signal_info *info);
/** Its signal was forgotten. Context: process_lock held. */
void posix_timer_dropped_locked(struct posix_timer *timer);
