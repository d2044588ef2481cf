/* SPDX-License-Identifier: BSD-2-Clause */
#pragma once
/*
 * Numbers of things that come and go on any CPU: each CPU counts its own, so that none writes what
 * another reads; a sum is exact when nothing comes or goes.
 */
#include "kernel/lib/compiler.h"
#include "kernel/lib/types.h"

#include "kernel/core/limits.h"
#include "kernel/x86/percpu.h"
#include "mm/claim.h"

enum tally {
	TALLY_TASKS,     /* threads of all processes */
	TALLY_BORN,      /* how many there have been */
	TALLY_PROCESSES, /* in the tree, zombies included */
	TALLY_PIDS,      /* numbers in use */
	TALLY_CHARGED,   /* tasks that an account counts */
	TALLY_COUNT,
};

struct tally_cpu {
	int64_t counts[TALLY_COUNT];
} __aligned(CACHE_LINE);

extern struct tally_cpu tally_cpus[LIMIT_CPUS];

/** Context: thread, between two points where it may leave the CPU. */
static inline void tally_add(enum tally which, int change)
{
	tally_cpus[cpu_id()].counts[which] += change;
}

static inline uint64_t tally_sum(enum tally which)
{
	int64_t sum = 0;

	for (unsigned cpu = 0; cpu < LIMIT_CPUS; cpu++)
		sum += READ_ONCE(tally_cpus[cpu].counts[which]);
	return (uint64_t)sum;
}
