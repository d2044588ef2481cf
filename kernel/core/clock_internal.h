/* SPDX-License-Identifier: BSD-2-Clause */
#pragma once
/* The hardware side of time: calibration and the CMOS clock. For time.c, timer.c and selftests. */
#include "kernel/core/time.h"

struct clock_rates {
	uint64_t tsc_hz;
	uint64_t lapic_hz;     /* at divide-by-1 */
	const char *reference; /* what they were measured against */
};

/**
 * Measure counter and local timer in rounds of 10 ms against the PM timer, and against PIT channel 2
 * unless CPUID says the same; clock_judge.h says whom to believe. What is wrong is logged.
 */
void clock_calibrate(const struct time_hw *hw, struct clock_rates *rates);

/* What the CMOS clock's registers hold; century 0 where it has none. */
struct cmos_time {
	uint8_t second, minute, hour, day, month, year, century;
};

/**
 * Seconds since 1970 (UTC) of what the registers hold; 0 when it is no time. @control: register B,
 * which says whether they are binary or BCD, and whether hours go to 12 or to 24.
 */
uint64_t clock_decode_cmos(const struct cmos_time *raw, unsigned control);

/** The CMOS clock in seconds since 1970 (UTC); 0 when it does not answer sensibly. */
uint64_t clock_read_cmos(uint8_t century_register);

/** Days since 1970-01-01 of a date of the Gregorian calendar. */
uint64_t clock_days(unsigned year, unsigned month, unsigned day);

/* How often a CPU's counter was found to have gone back, and how often the log has heard of it. */
extern struct clock_falls {
	uint32_t count, reported;
} clock_falls;

/* What ring 3 reads. */
extern struct clock_page *clock_page;

/** The local timer's rate at divide-by-1. */
uint64_t clock_lapic_hz(void);
