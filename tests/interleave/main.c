/* SPDX-License-Identifier: BSD-2-Clause */
/* Runs the scenarios whose names begin with one of the arguments, or all: `interleave wait mutex`.
 */
#include <stdio.h>
#include <string.h>

#include "tests/interleave/cases.h"

static const struct scenario *const scenarios[] = {
	&spinlock_exclusion,
	&spinlock_pair,
	&wait_one,
	&wait_all,
	&mutex_exclusion,
	&rwlock_writers,
	&rwlock_readers,
	&epoch_reader,
	&epoch_readers,
	&frame_owners,
	&frame_caches_drained,
	&futex_mutex,
	&futex_wake_all,
	&pipe_end,
	&tlb_return,
	&tlb_root_again,
	/* Seconds each, so behind all others. */
	&tlb_two,
	&epoch_both,
	&pipe_full,
};

static bool wanted(const char *name, int count, char **prefixes)
{
	for (int i = 1; i < count; i++)
		if (strncmp(name, prefixes[i], strlen(prefixes[i])) == 0)
			return true;
	return count == 1;
}

int main(int argc, char **argv)
{
	unsigned ran = 0;

	setvbuf(stdout, NULL, _IOLBF, 0);
	for (size_t i = 0; i < ARRAY_SIZE(scenarios); i++) {
		const struct scenario *scenario = scenarios[i];

		if (!wanted(scenario->name, argc, argv))
			continue;
		printf("interleave: %s, %u CPUs, %u preemptions: %lu schedules\n", scenario->name,
		       scenario->cpus, scenario->preemptions, engine_explore(scenario));
		ran++;
	}
	return ran ? 0 : 2;
}
