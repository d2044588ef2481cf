/* SPDX-License-Identifier: BSD-2-Clause */
/* Runs the scenarios whose names begin with one of the arguments, or all: `interleave wait mutex`.
 */
#include <stdio.h>
#include <string.h>

#include "tests/interleave/cases.h"

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
	for (size_t i = 0; scenarios[i]; i++) {
		const struct scenario *scenario = scenarios[i];

		if (!wanted(scenario->name, argc, argv))
			continue;
		printf("interleave: %s, %u CPUs, %u preemptions: %lu schedules\n", scenario->name,
		       scenario->cpus, scenario->preemptions, engine_explore(scenario));
		ran++;
	}
	return ran ? 0 : 2;
}
