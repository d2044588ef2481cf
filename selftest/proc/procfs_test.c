/* SPDX-License-Identifier: BSD-2-Clause */
#include "kernel/sched/load.h"
#include "selftest/program.h"
#include "selftest/selftest.h"

SELFTEST(M12, 8, proc_shows_no_address_to_ring3)
{
	CHECK_PROGRAM("proc_files");
	return true;
}

SELFTEST(M12, 8, proc_tells_what_happened)
{
	CHECK_PROGRAM("proc_figures");
	return true;
}

/* One thread that always runs: after a minute 1 - 1/e of it, at last all; then it fades. */
SELFTEST(M12, 8, load_follows_what_runs)
{
	uint64_t load = 0;

	for (unsigned look = 0; look < 12; look++)
		load = load_next(load, 0, 1);
	CHECK(load > LOAD_ONE * 62 / 100 && load < LOAD_ONE * 65 / 100);
	for (unsigned look = 0; look < 200; look++)
		load = load_next(load, 0, 1);
	CHECK(load == LOAD_ONE);
	for (unsigned look = 0; look < 12; look++)
		load = load_next(load, 0, 0);
	CHECK(load > LOAD_ONE * 35 / 100 && load < LOAD_ONE * 38 / 100);
	/* The longer the term, the slower. */
	CHECK(load_next(0, 0, 8) > load_next(0, 1, 8) && load_next(0, 1, 8) > load_next(0, 2, 8));
	return true;
}
