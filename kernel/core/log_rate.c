/* SPDX-License-Identifier: BSD-2-Clause */
#include "kernel/core/log_rate.h"

#include "kernel/lib/compiler.h"

#include "kernel/core/log.h"
#include "kernel/core/time.h"

bool log_allowed(struct log_rate *rate, const char *area)
{
	uint64_t now = time_now_ns() / NS_PER_SEC + 1; /* never 0, as a rate begins */

	if (now != __atomic_exchange_n(&rate->second, now, __ATOMIC_RELAXED)) {
		uint64_t lines = __atomic_exchange_n(&rate->lines, 0, __ATOMIC_RELAXED);

		if (lines > LOG_RATE_LINES)
			log_warn(area, "%lu more lines like the last were left out",
				 lines - LOG_RATE_LINES);
	}
	return __atomic_fetch_add(&rate->lines, 1, __ATOMIC_RELAXED) < LOG_RATE_LINES;
}
