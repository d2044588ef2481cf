/* SPDX-License-Identifier: BSD-2-Clause */
#include "kernel/core/log_rate.h"

#include "kernel/lib/compiler.h"

#include "kernel/core/log.h"
#include "kernel/core/time.h"

bool log_rate_take(struct log_rate *rate, uint64_t second, uint64_t *left_out)
{
	uint64_t lines = 0;

	if (second != __atomic_exchange_n(&rate->second, second, __ATOMIC_RELAXED))
		lines = __atomic_exchange_n(&rate->lines, 0, __ATOMIC_RELAXED);
	*left_out = lines > LOG_RATE_LINES ? lines - LOG_RATE_LINES : 0;
	return __atomic_fetch_add(&rate->lines, 1, __ATOMIC_RELAXED) < LOG_RATE_LINES;
}

bool log_allowed(struct log_rate *rate, const char *area)
{
	uint64_t left_out;
	bool allowed = log_rate_take(rate, time_now_ns() / NS_PER_SEC, &left_out);

	if (left_out)
		log_warn(area, "%lu more lines like the last were left out", left_out);
	return allowed;
}
