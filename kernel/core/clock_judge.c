/* SPDX-License-Identifier: BSD-2-Clause */
#include "kernel/core/clock_judge.h"

/* Two rounds agree within this part, and what their readings took. */
#define ROUND_PART 128u
#define RATE_PART  64u

static bool in_range(uint64_t hz)
{
	return hz >= CLOCK_HZ_MIN && hz <= CLOCK_HZ_MAX;
}

static uint64_t rate(uint64_t ticks, uint32_t elapsed, uint32_t reference_hz)
{
	if (ticks > UINT64_MAX / reference_hz)
		return CLOCK_HZ_MAX + 1;
	return ticks * reference_hz / elapsed;
}

/* 0: the round is worth nothing. */
static uint64_t round_hz(const struct clock_round *round, uint32_t reference_hz)
{
	if (!round->elapsed || round->tsc_end <= round->tsc_start)
		return 0;
	uint64_t hz = rate(round->tsc_end - round->tsc_start, round->elapsed, reference_hz);

	return in_range(hz) ? hz : 0;
}

/* By how much the late readings of a round may have changed its rate. */
static uint64_t slack(const struct clock_round *round, uint64_t hz)
{
	uint64_t ticks = round->tsc_end - round->tsc_start;
	uint64_t part = ticks / (round->uncertainty ? round->uncertainty : 1);

	return part ? hz / part : hz;
}

static bool rounds_agree(const struct clock_round *one, const struct clock_round *other,
			 uint32_t reference_hz)
{
	uint64_t a = round_hz(one, reference_hz), b = round_hz(other, reference_hz);
	uint64_t apart = a > b ? a - b : b - a;

	return b && apart <= a / ROUND_PART + slack(one, a) + slack(other, b);
}

static const struct clock_round *best_round(const struct clock_round *rounds, unsigned count,
					    uint32_t reference_hz)
{
	const struct clock_round *best = NULL;

	for (unsigned i = 0; i < count; i++)
		if (round_hz(&rounds[i], reference_hz) &&
		    (!best || rounds[i].uncertainty < best->uncertainty))
			best = &rounds[i];
	return best;
}

static const char *why_none(const struct clock_round *rounds, unsigned count)
{
	bool moves = false, goes_on = false;

	for (unsigned i = 0; i < count; i++) {
		moves |= rounds[i].elapsed != 0;
		goes_on |= rounds[i].elapsed && rounds[i].tsc_end > rounds[i].tsc_start;
	}
	return !moves    ? "it stands still"
	       : goes_on ? "no counter has such a rate"
			 : "the counter goes back";
}

const char *clock_judge(const struct clock_round *rounds, unsigned count, uint32_t reference_hz,
			struct clock_found *found)
{
	const struct clock_round *best = best_round(rounds, count, reference_hz);
	bool confirmed = false;

	if (!best)
		return why_none(rounds, count);
	for (unsigned i = 0; i < count; i++)
		confirmed |= &rounds[i] != best && rounds_agree(best, &rounds[i], reference_hz);
	if (!confirmed)
		return "no two rounds agree";
	found->tsc_hz = round_hz(best, reference_hz);
	found->lapic_hz = rate(best->lapic_ticks, best->elapsed, reference_hz);
	if (!in_range(found->lapic_hz))
		found->lapic_hz = 0;
	return NULL;
}

bool clock_rates_agree(uint64_t one_hz, uint64_t other_hz)
{
	uint64_t apart = one_hz > other_hz ? one_hz - other_hz : other_hz - one_hz;

	return one_hz && other_hz && apart <= one_hz / RATE_PART;
}

bool clock_is_behind(uint64_t now, uint64_t latest, uint64_t hz)
{
	return latest > now && latest - now > hz / CLOCK_APART_PART;
}

/* SDM vol 3, 19.7.3. */
uint64_t clock_cpuid_hz(const struct clock_cpuid *cpuid)
{
	uint64_t hz = cpuid->base_mhz * 1000000ull;

	if (cpuid->denominator && cpuid->numerator && cpuid->crystal_hz)
		hz = rate((uint64_t)cpuid->crystal_hz, cpuid->denominator, cpuid->numerator);
	return in_range(hz) ? hz : 0;
}

enum clock_choice clock_choose(uint64_t first_hz, uint64_t second_hz, uint64_t cpuid_hz)
{
	bool others = clock_rates_agree(second_hz, cpuid_hz);

	if (first_hz && (!others || clock_rates_agree(first_hz, second_hz)))
		return CLOCK_FIRST;
	if (second_hz)
		return CLOCK_SECOND;
	return cpuid_hz ? CLOCK_CPUID : CLOCK_GUESS;
}
