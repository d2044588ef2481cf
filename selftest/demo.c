/* SPDX-License-Identifier: BSD-2-Clause */
#include "selftest/demo.h"

#include "kernel/core/log.h"
#include "selftest/program.h"

#ifndef M7_RING3_DEMO
#define M7_RING3_DEMO 0
#endif
#ifndef M8_SCHED_DEMO
#define M8_SCHED_DEMO 0
#endif
#ifndef M14_SMP_DEMO
#define M14_SMP_DEMO 0
#endif

static void show(const char *name)
{
	struct program_result result = program_run(name);

	if (result.status != 0 || result.line)
		log_err("demo", "%s failed at line %lu, status %x", name, result.line,
			(unsigned)result.status);
}

void demo_run(void)
{
	if (M7_RING3_DEMO)
		show("demo_ring3");
	if (M8_SCHED_DEMO)
		show("demo_sched");
	if (M14_SMP_DEMO)
		show("demo_smp");
}
