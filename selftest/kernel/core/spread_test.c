/* SPDX-License-Identifier: BSD-2-Clause */
/* References counted by all CPUs. Other CPUs are words here: what races is tests/interleave's. */
#include "kernel/core/limits.h"
#include "kernel/core/spread.h"
#include "selftest/expect.h"
#include "selftest/selftest.h"

static struct spread_count one;

static bool begin(void)
{
	spread_init(&one, 1);
	spread_begin(&one);
	return one.is_spread && one.words != spread_words;
}

SELFTEST(M13, 9, counts_of_all_cpus)
{
	CHECK(begin());
	for (unsigned cpu = 0; cpu < LIMIT_CPUS; cpu++)
		CHECK(spread_add(&one, cpu, cpu));
	for (unsigned cpu = 0; cpu < LIMIT_CPUS; cpu++)
		CHECK(spread_add(&one, LIMIT_CPUS - 1 - cpu, -(int64_t)cpu));
	CHECK(spread_end(&one, 1) && refcount_read(&one.rest) == 1);
	spread_begin(&one);
	CHECK(spread_add(&one, 5, 1) && !spread_end(&one, 1));
	/* It stays spread: no reference goes to the one place. */
	uint32_t rest = refcount_read(&one.rest);
	spread_get(&one);
	CHECK(refcount_read(&one.rest) == rest && !spread_end(&one, 2) && spread_end(&one, 3));
	/* Now the last is seen. */
	CHECK(spread_get_unless_zero(&one) && refcount_read(&one.rest) == 4);
	CHECK(!spread_put(&one) && !spread_put(&one) && !spread_put(&one) && spread_put(&one));
	CHECK(!spread_get_unless_zero(&one));
	spread_free(&one);
	return true;
}

/* More references than there may be: the thing stays for ever. */
SELFTEST(M13, 9, spread_counts_saturate)
{
	CHECK(begin());
	CHECK(spread_add(&one, 3, 1ll << 40) && !spread_end(&one, UINT32_MAX / 4));
	CHECK(spread_add(&one, 3, -(1ll << 40)) && spread_end(&one, UINT32_MAX));
	CHECK(refcount_read(&one.rest) == REFCOUNT_SATURATED && !spread_put(&one));
	spread_free(&one);
	return true;
}

static void end(void *arg)
{
	(void)spread_end(&one, *(uint32_t *)arg);
}

SELFTEST(M13, 9, spread_counts_below_zero)
{
	uint32_t most = 1;

	CHECK(begin());
	CHECK(spread_add(&one, 2, -1)); /* the one that who spreads it keeps */
	CHECK(expect_assert(end, &most));
	one.is_spread = false; /* the words are closed */
	spread_free(&one);
	return true;
}

/* Where no words are left, one place does; and freed words are found again. */
SELFTEST(M13, 9, spread_counts_run_out)
{
	static struct spread_count counts[SPREAD_WORDS];
	unsigned spread[2] = {};

	for (unsigned round = 0; round < 2; round++) {
		for (unsigned i = 0; i < SPREAD_WORDS; i++) {
			spread_init(&counts[i], 1);
			spread_begin(&counts[i]);
			spread[round] += counts[i].is_spread;
			spread_get(&counts[i]);
			CHECK(counts[i].is_spread || refcount_read(&counts[i].rest) == 2);
		}
		for (unsigned i = 0; i < SPREAD_WORDS; i++) {
			CHECK(!spread_end(&counts[i], 1) && spread_end(&counts[i], 2));
			spread_free(&counts[i]);
		}
	}
	CHECK(spread[0] > 0 && spread[0] < SPREAD_WORDS && spread[0] == spread[1]);
	return true;
}
