/* SPDX-License-Identifier: BSD-2-Clause */
#pragma once
/*
 * References of one thing that all CPUs take and drop, each counted in a word of the CPU's own, so
 * that none writes what another one reads.
 *
 * While a count is spread no reference is the last: who spread it keeps one. The end closes the
 * words one after the other; what a CPU counts after that goes to one place again, which is then
 * exact, and sees the last reference. A word that is closed is changed by whoever meets it, too,
 * and means nothing, so to count is one instruction and a look at its sign.
 */
#include "kernel/lib/refcount.h"

#include "kernel/x86/percpu.h"

/* Words of a CPU. The first one is always closed: for all counts that are not spread. */
#define SPREAD_WORDS 128u

struct spread_count {
	int64_t *words;       /* CPU 0's; the next CPU's is SPREAD_WORDS further */
	struct refcount rest; /* what is in no word */
	bool is_spread;       /* guarded by who spreads it */
};

extern int64_t spread_words[];

/** Context: boot, before the first spread_init(). */
void spread_boot(void);

/** A count of @value references, in one place, for good if it is never spread. */
static inline void spread_init(struct spread_count *count, uint32_t value)
{
	count->words = spread_words;
	refcount_init(&count->rest, value);
	count->is_spread = false;
}

/**
 * CPUs count for themselves from now on. The caller has a reference, which is dropped behind
 * spread_end(). Where too many counts are spread this one stays in one place. Context: any; calls
 * for one count come one after the other.
 */
void spread_begin(struct spread_count *count);

/**
 * References are counted in one place again, unless there are more than @most: then it stays
 * spread. Return: whether it is the end. "More" was true at one moment of the call; if it is the
 * end there are no more, but what was made of those. Context: as spread_begin(), same caller.
 */
bool spread_end(struct spread_count *count, uint32_t most);

/** Nobody counts any more, not in an epoch section either. */
void spread_free(struct spread_count *count);

/* True: it is done. A full barrier, as every locked instruction. */
static __always_inline bool spread_add(const struct spread_count *count, uint32_t cpu,
				       int64_t change)
{
	int64_t *word = &count->words[(uint64_t)cpu * SPREAD_WORDS];

	return likely(__atomic_add_fetch(word, change, __ATOMIC_SEQ_CST) >= 0);
}

/* Behind a word that is closed. */
void spread_get_closed(struct spread_count *count);
bool spread_get_closed_unless_zero(struct spread_count *count);
bool spread_put_closed(struct spread_count *count);

/* The following as their like in kernel/lib/refcount.h. */
static inline void spread_get(struct spread_count *count)
{
	if (!spread_add(count, cpu_id(), 1))
		spread_get_closed(count);
}

static inline bool spread_get_unless_zero(struct spread_count *count)
{
	return spread_add(count, cpu_id(), 1) || spread_get_closed_unless_zero(count);
}

static inline bool spread_put(struct spread_count *count)
{
	return !spread_add(count, cpu_id(), -1) && spread_put_closed(count);
}
