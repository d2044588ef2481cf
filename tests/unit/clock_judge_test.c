/* SPDX-License-Identifier: BSD-2-Clause */
/* Calibrations that went wrong, by made rounds: what is believed, and what is refused and why. */
#include "kernel/core/clock_judge.h"
#include "tests/unit/check.h"

#define PM_HZ  3579545u
#define ROUND  35795u /* 10 ms */
#define TSC_HZ 2500000000ull
#define MS_10  25000000ull

#define NOTHING "it stands still"
#define BACK    "the counter goes back"
#define WILD    "no counter has such a rate"
#define APART   "no two rounds agree"

/* A round of @ticks, whose readings took @late, with a local timer of 1 GHz. */
#define OF(ticks, late)                                       \
	{                                                     \
		1000, 1000 + (ticks), (late), ROUND, 10000000 \
	}
#define STILL                                     \
	{                                         \
		1000, 999999999, 500, 0, 10000000 \
	}
#define BACKWARDS                                 \
	{                                         \
		MS_10, 1000, 500, ROUND, 10000000 \
	}

static const struct {
	const char *name;
	const char *wrong; /* NULL: good */
	uint64_t tsc_hz;
	struct clock_round rounds[CLOCK_ROUNDS_MAX];
	unsigned count;
} cases[] = {
	{"all the same", NULL, TSC_HZ, {OF(MS_10, 500), OF(MS_10, 600), OF(MS_10, 500)}, 3},
	{"the least uncertain wins", NULL, TSC_HZ, {OF(MS_10 + 90000, 90000), OF(MS_10, 600)}, 2},
	{"one round alone", APART, 0, {OF(MS_10, 500)}, 1},
	{"none", NOTHING, 0, {STILL}, 0},
	{"the reference stands still", NOTHING, 0, {STILL, STILL, STILL}, 3},
	{"it stood still once", NULL, TSC_HZ, {STILL, OF(MS_10, 500), OF(MS_10, 500)}, 3},
	{"the counter goes back", BACK, 0, {BACKWARDS, BACKWARDS}, 2},
	{"it went back once", NULL, TSC_HZ, {BACKWARDS, OF(MS_10, 500), OF(MS_10, 500)}, 3},
	{"the counter stands still", BACK, 0, {OF(0, 0), OF(0, 0)}, 2},
	{"the counter jumps ahead", WILD, 0, {OF(1ull << 50, 500), OF(1ull << 50, 500)}, 2},
	{"by all that it has", WILD, 0, {OF(~0ull - 1000, 500), OF(~0ull - 1000, 500)}, 2},
	{"it jumped once", NULL, TSC_HZ, {OF(1ull << 50, 1), OF(MS_10, 500), OF(MS_10, 500)}, 3},
	{"a small jump once", NULL, TSC_HZ, {OF(MS_10, 50), OF(MS_10 * 2, 500), OF(MS_10, 500)}, 3},
	{"a jump in the surest round",
	 APART,
	 0,
	 {OF(MS_10 * 2, 5), OF(MS_10, 50), OF(MS_10, 50)},
	 3},
	{"all apart", APART, 0, {OF(MS_10, 5), OF(MS_10 * 2, 5), OF(MS_10 * 3, 5)}, 3},
	{"a counter too slow", WILD, 0, {OF(9000, 5), OF(9000, 5)}, 2},
	{"a host that is late says so",
	 NULL,
	 TSC_HZ,
	 {OF(MS_10, 2000000), OF(26500000, 2000001)},
	 2},
	{"or does not", APART, 0, {OF(MS_10, 500), OF(26500000, 501)}, 2},
};

static void test_cases(void)
{
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct clock_found found = {1, 1};
		const char *wrong = clock_judge(cases[i].rounds, cases[i].count, PM_HZ, &found);

		if (!wrong != !cases[i].wrong || (wrong && strcmp(wrong, cases[i].wrong) != 0))
			fprintf(stderr, "%s: %s\n", cases[i].name, wrong ? wrong : "believed");
		CHECK(!wrong == !cases[i].wrong);
		CHECK(!wrong || strcmp(wrong, cases[i].wrong) == 0);
		if (wrong)
			CHECK(found.tsc_hz == 1 && found.lapic_hz == 1);
		else
			CHECK(clock_rates_agree(found.tsc_hz, cases[i].tsc_hz));
	}
}

static uint64_t lapic_hz(uint32_t ticks)
{
	const struct clock_round rounds[2] = {{0, MS_10, 5, ROUND, ticks},
					      {0, MS_10, 5, ROUND, ticks}};
	struct clock_found found;

	CHECK(clock_judge(rounds, 2, PM_HZ, &found) == NULL);
	return found.lapic_hz;
}

static void test_local_timer(void)
{
	CHECK(clock_rates_agree(lapic_hz(10000000), 1000000000));
	CHECK_EQ(lapic_hz(0), 0);
	CHECK_EQ(lapic_hz(0xffffffff), 0);
	CHECK_EQ(lapic_hz(100), 0);
}

static uint64_t by_cpuid(uint32_t denominator, uint32_t numerator, uint32_t crystal, uint32_t mhz)
{
	struct clock_cpuid words = {denominator, numerator, crystal, mhz};

	return clock_cpuid_hz(&words);
}

static void test_cpuid(void)
{
	CHECK_EQ(by_cpuid(2, 216, 24000000, 2600), 2592000000);
	CHECK_EQ(by_cpuid(2, 216, 0, 2600), 2600000000);
	CHECK_EQ(by_cpuid(0, 216, 24000000, 0), 0);
	CHECK_EQ(by_cpuid(1, ~0u, ~0u, 0), 0);
	CHECK_EQ(by_cpuid(0, 0, 0, 0), 0);
}

static void test_choice(void)
{
	CHECK_EQ(clock_choose(TSC_HZ, 0, 0), CLOCK_FIRST);
	CHECK_EQ(clock_choose(TSC_HZ, TSC_HZ + 1000, 0), CLOCK_FIRST);
	CHECK_EQ(clock_choose(TSC_HZ, TSC_HZ * 2, 0), CLOCK_FIRST);
	CHECK_EQ(clock_choose(TSC_HZ, TSC_HZ * 2, TSC_HZ), CLOCK_FIRST);
	CHECK_EQ(clock_choose(TSC_HZ * 2, TSC_HZ, TSC_HZ), CLOCK_SECOND);
	CHECK_EQ(clock_choose(TSC_HZ, TSC_HZ * 2, TSC_HZ * 3), CLOCK_FIRST);
	CHECK_EQ(clock_choose(TSC_HZ, 0, TSC_HZ * 3), CLOCK_FIRST);
	CHECK_EQ(clock_choose(0, TSC_HZ, TSC_HZ * 3), CLOCK_SECOND);
	CHECK_EQ(clock_choose(0, 0, TSC_HZ), CLOCK_CPUID);
	CHECK_EQ(clock_choose(0, 0, 0), CLOCK_GUESS);
	CHECK(clock_rates_agree(6400, 6500) && !clock_rates_agree(6400, 6501));
	CHECK(!clock_rates_agree(0, 0));
}

static void test_behind(void)
{
	const uint64_t apart = TSC_HZ / CLOCK_APART_PART;

	CHECK(!clock_is_behind(MS_10, MS_10, TSC_HZ));
	CHECK(!clock_is_behind(MS_10, MS_10 + apart, TSC_HZ));
	CHECK(clock_is_behind(MS_10, MS_10 + apart + 1, TSC_HZ));
	CHECK(!clock_is_behind(MS_10 + apart + 1, MS_10, TSC_HZ));
	CHECK(clock_is_behind(0, UINT64_MAX, TSC_HZ) && !clock_is_behind(UINT64_MAX, 0, TSC_HZ));
}

int main(void)
{
	test_cases();
	test_local_timer();
	test_cpuid();
	test_choice();
	test_behind();
	return check_done("clock_judge");
}
