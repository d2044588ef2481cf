/* SPDX-License-Identifier: BSD-2-Clause */
#include "kernel/core/time.h"
#include "selftest/program.h"
#include "selftest/selftest.h"

/* Steps of the clock reach who sleeps; afterwards it is as if none had been. */
SELFTEST(M14, 9, clock_steps_reach_sleepers, .needs = M14)
{
	uint64_t lag = time_realtime_ns() - time_now_ns();

	CHECK_PROGRAM_MUTED("clock_steps");
	CHECK(time_realtime_ns() - time_now_ns() - lag + NS_PER_SEC < 2 * NS_PER_SEC);
	CHECK(!time_zone());
	return true;
}
