/* SPDX-License-Identifier: BSD-2-Clause */
#include "kernel/core/spread.h"

#include "kernel/lib/bits.h"

#include "kernel/core/limits.h"

/* What stands in a word that counts, and in one that does not: far from each other and from 0. */
#define OPEN   (1ll << 62)
#define CLOSED (-OPEN)

/*
 * In `rest` for as long as a count is spread: whoever saw a word closed drops there what others
 * have counted in their words.
 */
#define AWAY (1u << 30)

__aligned(64) int64_t spread_words[LIMIT_CPUS * SPREAD_WORDS];
static uint64_t used[SPREAD_WORDS / 64];

static int64_t *word_of(const struct spread_count *count, unsigned cpu)
{
	return &count->words[(uint64_t)cpu * SPREAD_WORDS];
}

void spread_boot(void)
{
	for (unsigned i = 0; i < LIMIT_CPUS * SPREAD_WORDS; i++)
		spread_words[i] = CLOSED;
	used[0] = 1;
}

/* Words of its own, all closed. False: there are none. */
static bool take_words(struct spread_count *count)
{
	for (unsigned i = 0; i < SPREAD_WORDS / 64; i++) {
		uint64_t free;

		while ((free = ~READ_ONCE(used[i])) != 0) {
			unsigned bit = (unsigned)__builtin_ctzll(free);

			if (__atomic_fetch_or(&used[i], BIT(bit), __ATOMIC_ACQUIRE) & BIT(bit))
				continue;
			__atomic_store_n(&count->words, &spread_words[i * 64 + bit],
					 __ATOMIC_RELEASE);
			return true;
		}
	}
	return false;
}

void spread_free(struct spread_count *count)
{
	uint64_t index = (uint64_t)(count->words - spread_words);

	ASSERT(!count->is_spread);
	count->words = spread_words;
	if (index)
		__atomic_fetch_and(&used[index / 64], ~BIT(index % 64), __ATOMIC_RELEASE);
}

static void open_words(const struct spread_count *count)
{
	for (unsigned cpu = 0; cpu < LIMIT_CPUS; cpu++)
		__atomic_store_n(word_of(count, cpu), OPEN, __ATOMIC_RELEASE);
}

/* What they have counted. */
static int64_t close_words(const struct spread_count *count)
{
	int64_t sum = 0;

	for (unsigned cpu = 0; cpu < LIMIT_CPUS; cpu++)
		sum += __atomic_exchange_n(word_of(count, cpu), CLOSED, __ATOMIC_SEQ_CST) - OPEN;
	return sum;
}

void spread_begin(struct spread_count *count)
{
	ASSERT(!count->is_spread);
	if (count->words == spread_words && !take_words(count))
		return;
	(void)refcount_add(&count->rest, AWAY);
	open_words(count);
	count->is_spread = true;
}

/* All references. */
static uint32_t gather(struct spread_count *count)
{
	int64_t sum = close_words(count);
	uint32_t rest;

	if (unlikely(sum > AWAY))
		refcount_init(&count->rest, REFCOUNT_SATURATED);
	rest = refcount_add(&count->rest, (uint32_t)sum);
	ASSERT(rest > AWAY);
	return rest - AWAY;
}

bool spread_end(struct spread_count *count, uint32_t most)
{
	if (!count->is_spread)
		return refcount_read(&count->rest) <= most;
	if (gather(count) > most) {
		open_words(count);
		return false;
	}
	(void)refcount_add(&count->rest, -AWAY);
	count->is_spread = false;
	return true;
}

void spread_get_closed(struct spread_count *count)
{
	refcount_get(&count->rest);
}

bool spread_get_closed_unless_zero(struct spread_count *count)
{
	return refcount_get_unless_zero(&count->rest);
}

bool spread_put_closed(struct spread_count *count)
{
	return refcount_put(&count->rest);
}
