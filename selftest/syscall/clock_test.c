/* SPDX-License-Identifier: BSD-2-Clause */
#include "kernel/core/time.h"
#include "selftest/program.h"
#include "selftest/selftest.h"

/* Steps of the clock reach who sleeps; afterwards it is as if none had been. */
SELFTEST(M14, 9, clock_steps_reach_sleepers, .needs = M14)
{
	const uint64_t margin = 100 * NS_PER_SEC;
	uint64_t lag = time_realtime_ns() - time_now_ns();

	CHECK_PROGRAM_MUTED("clock_steps");
	CHECK(time_realtime_ns() - time_now_ns() - lag + margin < 2 * margin);
	CHECK(!time_zone());
	return true;
}
