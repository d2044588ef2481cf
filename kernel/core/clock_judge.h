/* SPDX-License-Identifier: BSD-2-Clause */
#pragma once
/*
 * What a calibration is worth: rounds against a reference clock that may stand still, run wild or
 * be read late, by a host that stops the machine in between, with a counter that may jump. Pure:
 * tried on the host with made rounds.
 */
#include "kernel/lib/types.h"

/* Rates outside of this are no CPU's and no local timer's. */
#define CLOCK_HZ_MIN 1000000ull
#define CLOCK_HZ_MAX 20000000000ull

#define CLOCK_ROUNDS_MIN 3u
#define CLOCK_ROUNDS_MAX 8u

/* One round, in counter ticks and the reference's. */
struct clock_round {
	uint64_t tsc_start, tsc_end;
	uint64_t uncertainty; /* counter ticks that the two readings took */
	uint32_t elapsed;     /* reference ticks; 0: it stood still or did not get there */
	uint32_t lapic_ticks; /* of the local timer at divide-by-1 */
};

struct clock_found {
	uint64_t tsc_hz;
	uint64_t lapic_hz; /* 0: the local timer does not count, or wildly */
};

/**
 * The rates by the round whose readings took least, if another round confirms it. Return: NULL, or
 * what is wrong; @found is untouched then.
 */
const char *clock_judge(const struct clock_round *rounds, unsigned count, uint32_t reference_hz,
			struct clock_found *found);

/** Whether two measurements of one rate can both be true: within a 64th. */
bool clock_rates_agree(uint64_t one_hz, uint64_t other_hz);

/* Counters of one machine are less than this part of a second apart. */
#define CLOCK_APART_PART 1000u

/** Whether a counter that shows @now is behind another CPU's, which showed @latest before. */
bool clock_is_behind(uint64_t now, uint64_t latest, uint64_t hz);

/* What CPUID says of the counter's rate: leaf 0x15's three words, leaf 0x16's first. */
struct clock_cpuid {
	uint32_t denominator, numerator, crystal_hz, base_mhz;
};

/** The rate by CPUID; 0 when it says nothing that makes sense. */
uint64_t clock_cpuid_hz(const struct clock_cpuid *cpuid);

enum clock_choice { CLOCK_FIRST, CLOCK_SECOND, CLOCK_CPUID, CLOCK_GUESS };

/**
 * Whom to believe of two references and CPUID, each 0 when it has nothing to say: the first one,
 * unless the others both say something else.
 */
enum clock_choice clock_choose(uint64_t first_hz, uint64_t second_hz, uint64_t cpuid_hz);
