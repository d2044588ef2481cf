/* SPDX-License-Identifier: BSD-2-Clause */
#pragma once
/*
 * Lines that a program can cause as often as it likes: some a second, so that nobody writes the log
 * full or keeps the console busy. What is left out is counted, and said with the next line.
 */
#include "kernel/lib/types.h"

#define LOG_RATE_LINES 5u /* a second, for each place that has a rate of its own */

struct log_rate {
	uint64_t second;
	uint64_t lines;
};

/** Whether one more may be written in @second; @left_out: how many were not, in the one before. */
bool log_rate_take(struct log_rate *rate, uint64_t second, uint64_t *left_out);

/**
 * Whether a line may be written now; two CPUs at once may come to one more or less.
 * Context: as log_write().
 */
bool log_allowed(struct log_rate *rate, const char *area);
