/* SPDX-License-Identifier: BSD-2-Clause */
#pragma once

/*
 * Runs the demos that this kernel was built with (CFLAGS_EXTRA=-DM7_RING3_DEMO=1,
 * -DM8_SCHED_DEMO=1 with -DM8_SCHED_TASKS=2..64, -DM14_SMP_DEMO=1). Context: the boot thread, after the selftests.
 */
void demo_run(void);
