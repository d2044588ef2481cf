/* SPDX-License-Identifier: BSD-2-Clause */
#pragma once
/* Which CPUs a thread may run on. */
#include "kernel/lib/errors.h"

#include "kernel/sched/cpu_set.h"

/**
 * Let thread @number, 0 the caller, run on the CPUs of @set only, as far as there are any.
 * Errors: ERR_SRCH; ERR_PERM another user's; ERR_INVAL none of them runs threads; ERR_BUSY for
 * SCHED_DEADLINE where it is not all.
 * Context: may sleep; the caller is on one of the CPUs at the return.
 */
enum err affinity_set(uint32_t number, const struct cpu_set *set);

/** Whether @set has all CPUs on which threads run now. Context: any. */
bool affinity_is_whole(const struct cpu_set *set);

/** The CPUs of those that take part on which thread @number may run. Errors: ERR_SRCH. */
enum err affinity_get(uint32_t number, struct cpu_set *set);
