/* SPDX-License-Identifier: BSD-2-Clause */
#pragma once
/* The machinery behind kernel/core/time.h's timers, for irq.c and selftests. */
#include "kernel/core/time.h"

/** Take the local timer's vector. Context: boot, after irq_init. */
void timer_init_cpu(void);

/**
 * Another CPU has shown @latest: if this one's counter is behind that, time goes on from there, and
 * is the same on all CPUs again. Context: any.
 */
void time_follow(uint64_t latest);

/** Log it when a CPU's counter has gone back, or been left behind, since the last call. Context: no
 * lock held. */
void time_report_falls(void);

/** The local timer's interrupt: fires what is due and sets the hardware for the next. */
bool timer_interrupt(void *arg);
