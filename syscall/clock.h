/* SPDX-License-Identifier: BSD-2-Clause */
#pragma once
/* Waiting for a time of day. */
#include "kernel/sched/wait.h"

/**
 * Sleep until it is @realtime_ns, however often the clock is set meanwhile. Return: WAIT_TIMEDOUT,
 * or WAIT_INTR. Context: thread, may sleep.
 */
enum wait_result clock_sleep_realtime(uint64_t realtime_ns);
