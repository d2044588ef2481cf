/* SPDX-License-Identifier: BSD-2-Clause */
#include "mm/inject.h"

#include "kernel/x86/percpu.h"

uint64_t inject_countdown;
static uint64_t armed_for;
static struct thread *armed_by;
static bool fired;

/* Arming is given back with the selftests: nobody can make allocations fail afterwards. */
#define BOOT_ONLY __section(".init.text")

BOOT_ONLY void inject_arm(uint64_t n)
{
	armed_for = n;
	armed_by = thread_current();
	fired = false;
	inject_countdown = n;
}

bool inject_step(void)
{
	if (thread_current() != armed_by || --inject_countdown != 0)
		return false;
	fired = true;
	return true;
}

BOOT_ONLY bool inject_fired(void)
{
	return fired;
}

BOOT_ONLY uint64_t inject_seen(void)
{
	return armed_for - inject_countdown;
}
