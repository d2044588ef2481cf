/* SPDX-License-Identifier: BSD-2-Clause */
#pragma once
/* Between the two files of POSIX timers. */
#include "proc/posix_timer.h"
#include "proc/process.h"

enum timer_clock {
	TIMER_CLOCK_REALTIME = 0,
	TIMER_CLOCK_MONOTONIC = 1,
	TIMER_CLOCK_BOOTTIME = 7,
	TIMER_CLOCK_TAI = 11,
};

struct posix_timer {
	struct rb_node node;
	struct process *process;
	uint32_t id;
	uint32_t clock;
	bool by_cpu; /* else by the wall */
	bool active; /* has a deadline: ahead, or its signal is pending */
	bool of_day; /* its deadline is a time of day, which comes when the clock says so */
	struct timer_event event;
	struct pid *target; /* counted; SIGEV_THREAD_ID */
	struct deferred_timer wall;
	struct time_watch watch;
	struct cpu_timer cpu;
	uint64_t deadline_ns; /* in its clock */
	uint64_t interval_ns;
	uint64_t overrun;
	struct signal_entry entry;
};

/** How its clock stands. Context: process_lock held. */
uint64_t posix_timer_now_locked(const struct posix_timer *timer);
/** Stop it, and take back a signal that is pending. Context: process_lock held. */
void posix_timer_stop_locked(struct posix_timer *timer);
/** Start it for @deadline_ns of its clock. Context: process_lock held. */
void posix_timer_start_locked(struct posix_timer *timer, uint64_t deadline_ns, bool absolute);
/** What is left, as timer_gettime tells. Context: process_lock held. */
struct interval posix_timer_left_locked(const struct posix_timer *timer);
/** Nothing of it runs yet. */
void posix_timer_init(struct posix_timer *timer);
