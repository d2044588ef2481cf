/* SPDX-License-Identifier: BSD-2-Clause */
#pragma once
/*
 * A calendar: entries in the order of their virtual times, in buckets of 2^CALENDAR_SHIFT ns, first
 * in first out within a bucket. To add, to remove and to find the first take the same time for any
 * number of entries: a bit says which buckets are filled.
 *
 * The calendar's own time is that of one who gets his share exactly: it goes on by the CPU time
 * used, divided by the weight of all who want it. An entry stands at most CALENDAR_BACK_NS before
 * it and CALENDAR_AHEAD_NS behind; what lies outside is moved there. So nobody is more than that
 * far behind, however little he weighs.
 *
 * Who was away has a credit of CALENDAR_CREDIT_NS. What is used on credit brings time forward, up to where
 * the credit is worth nothing beside the first who waits: many who wake each other keep nobody from
 * the CPU. What others use lets it fall back by one part in CALENDAR_DECAY.
 */
#include "kernel/lib/bits.h"
#include "kernel/lib/list.h"

#define CALENDAR_SHIFT     20u
#define CALENDAR_STEP_NS   (1ull << CALENDAR_SHIFT)
#define CALENDAR_BUCKETS   64u
#define CALENDAR_BACK_NS   (24 * CALENDAR_STEP_NS)
#define CALENDAR_AHEAD_NS  (39 * CALENDAR_STEP_NS)
#define CALENDAR_CREDIT_NS (8 * CALENDAR_STEP_NS)
#define CALENDAR_LAG_NS    (12 * CALENDAR_STEP_NS) /* of one CPU behind another */
#define CALENDAR_DECAY     8u
#define WEIGHT_NORMAL      1024u

struct calendar_entry {
	struct list_node link;
	uint64_t vtime; /* ns */
	uint32_t bucket;
	uint32_t weight; /* not changed while it is in */
};

struct calendar {
	uint64_t now;    /* only grows */
	uint64_t weight; /* of all entries */
	uint64_t filled; /* by bucket; the list of one that is not filled is garbage */
	struct list_node buckets[CALENDAR_BUCKETS];
};

/* Not at 0: there is room before it. */
static inline void calendar_init(struct calendar *calendar)
{
	calendar->now = CALENDAR_AHEAD_NS;
	calendar->filled = 0;
	calendar->weight = 0;
}

static inline uint32_t calendar_base(const struct calendar *calendar)
{
	return (uint32_t)((calendar->now - CALENDAR_BACK_NS) >> CALENDAR_SHIFT) % CALENDAR_BUCKETS;
}

/** Whether @vtime is after @other; both may have been taken from one another. */
static inline bool vtime_after(uint64_t vtime, uint64_t other)
{
	return (int64_t)(vtime - other) > 0;
}

/** @vtime, or what of the calendar's range is the next to it. */
static inline uint64_t calendar_clamp(const struct calendar *calendar, uint64_t vtime)
{
	int64_t lag = (int64_t)(vtime - calendar->now);

	lag = MAX(lag, -(int64_t)CALENDAR_BACK_NS);
	lag = MIN(lag, (int64_t)CALENDAR_AHEAD_NS);
	return calendar->now + (uint64_t)lag;
}

/** Behind the others of its bucket. */
void calendar_add(struct calendar *calendar, struct calendar_entry *entry);
void calendar_remove(struct calendar *calendar, struct calendar_entry *entry);

/** The buckets from the first on, as bits; calendar_next() takes one out. */
static inline uint64_t calendar_order(const struct calendar *calendar)
{
	uint32_t base = calendar_base(calendar);

	return calendar->filled >> base | calendar->filled << (-base % CALENDAR_BUCKETS);
}

static inline const struct list_node *calendar_next(const struct calendar *calendar,
						    uint64_t *order)
{
	uint32_t nth = (uint32_t)__builtin_ctzll(*order);

	*order &= *order - 1;
	return &calendar->buckets[(calendar_base(calendar) + nth) % CALENDAR_BUCKETS];
}

/** The first entry. Context: there is one. */
static inline struct calendar_entry *calendar_first(const struct calendar *calendar)
{
	uint64_t order = calendar_order(calendar);

	return list_first(calendar_next(calendar, &order), struct calendar_entry, link);
}

/** The first entry is picked: time is not behind it. */
static inline void calendar_advance(struct calendar *calendar, uint64_t vtime)
{
	if (vtime_after(vtime, calendar->now))
		calendar->now = vtime;
}

/** @ns have been used by one of @vtime, while entries and others of @weight wanted the CPU. */
void calendar_pass(struct calendar *calendar, uint64_t vtime, uint64_t ns, uint64_t weight);
