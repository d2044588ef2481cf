/* SPDX-License-Identifier: BSD-2-Clause */
#pragma once
/* Whether one CPU has less of a group than another. Private to kernel/sched and its selftests. */
#include "kernel/lib/types.h"

struct sched_part;

/* What a CPU has of one group. */
struct balance_sample {
	struct sched_part *part;
	uint64_t members; /* threads of the group, the running one too */
	uint64_t now;     /* by the group's time */
	bool has_turns;   /* the group that runs there has had as much, or more */
	bool is_crowded;  /* more than two threads want the CPU */
};

/** Whether a thread is to go from @mine to @theirs. */
bool balance_has_less(const struct balance_sample *theirs, const struct balance_sample *mine);
