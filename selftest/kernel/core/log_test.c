/* SPDX-License-Identifier: BSD-2-Clause */
#include "kernel/core/log_rate.h"
#include "selftest/selftest.h"

SELFTEST(M13, 13, lines_of_one_cause_are_few, .needs = M2)
{
	struct log_rate rate = {0};
	uint64_t left_out = 1, written = 0;

	for (unsigned i = 0; i < 3 * LOG_RATE_LINES; i++) {
		written += log_rate_take(&rate, 7, &left_out);
		CHECK(left_out == 0);
	}
	CHECK(written == LOG_RATE_LINES);
	/* The next second tells of it once, and begins anew. */
	CHECK(log_rate_take(&rate, 8, &left_out) && left_out == 2 * LOG_RATE_LINES);
	CHECK(log_rate_take(&rate, 8, &left_out) && left_out == 0);
	CHECK(log_rate_take(&rate, 9, &left_out) && left_out == 0);
	return true;
}
