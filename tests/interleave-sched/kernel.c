/* SPDX-License-Identifier: BSD-2-Clause */
/* What kernel/core and kernel/x86 are to kernel/sched in the scenarios; tests/sched_host.c has the
 * rest. */
#include "kernel/core/time.h"
#include "kernel/x86/tlb.h"

/* Nobody asks for a flush. */
void tlb_serve(void)
{
}

/* No quantum ends by itself. */
void timer_start(struct timer *timer, uint64_t deadline_ns)
{
	timer->deadline_ns = deadline_ns;
	timer->armed = 1;
}
