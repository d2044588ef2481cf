/* SPDX-License-Identifier: BSD-2-Clause */
#pragma once
/* Which CPU a ring-3 selftest program runs on. */
#include "selftest/user/service.h"

#define SYS_sched_setaffinity 203
#define SYS_sched_getaffinity 204
#define SYS_getcpu            309

static inline unsigned cpu_of_this(void)
{
	uint32_t now = ~0u;

	CHECK(sys3(SYS_getcpu, (long)&now, 0, 0) == 0);
	return now;
}

/* Go to @cpu, and stay there. */
static inline void run_on(unsigned cpu)
{
	uint64_t set[16] = {1ull << cpu};

	CHECK(sys3(SYS_sched_setaffinity, 0, sizeof(set), (long)set) == 0);
	CHECK(cpu_of_this() == cpu);
}
