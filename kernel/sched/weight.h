/* SPDX-License-Identifier: BSD-2-Clause */
#pragma once
/*
 * What a thread weighs beside the others of its user: its CPU time is to be its weight's part of
 * the sum. Its pace is what a nanosecond of CPU time costs it in virtual time, and the reverse.
 */
#include "kernel/sched/calendar.h"

#define WEIGHT_IDLE 3u /* SCHED_IDLE */

#define PACE_SHIFT  16u
#define PACE_NORMAL (1u << PACE_SHIFT)

struct thread;

/** The weight of nice -20 to 19: a step is a quarter more or less, as on Linux. */
uint32_t weight_of_nice(int32_t nice);

/**
 * Let @thread weigh @weight from now on; @batch: its wakes take the CPU from nobody. Context: any.
 */
void thread_weight_set(struct thread *thread, uint32_t weight, bool batch);
