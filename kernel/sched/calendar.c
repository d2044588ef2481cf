/* SPDX-License-Identifier: BSD-2-Clause */
#include "kernel/sched/calendar.h"

void calendar_add(struct calendar *calendar, struct calendar_entry *entry)
{
	entry->vtime = calendar_clamp(calendar, entry->vtime);
	uint32_t bucket = (uint32_t)(entry->vtime >> CALENDAR_SHIFT) % CALENDAR_BUCKETS;

	if (!(calendar->filled >> bucket & 1)) {
		list_init(&calendar->buckets[bucket]);
		calendar->filled |= BIT(bucket);
	}
	list_add_tail(&calendar->buckets[bucket], &entry->link);
	entry->bucket = bucket;
	calendar->weight += entry->weight;
}

void calendar_remove(struct calendar *calendar, struct calendar_entry *entry)
{
	calendar->weight -= entry->weight;
	list_remove(&entry->link);
	if (list_empty(&calendar->buckets[entry->bucket]))
		calendar->filled &= ~BIT(entry->bucket);
}

void calendar_pass(struct calendar *calendar, uint64_t vtime, uint64_t ns, uint64_t weight)
{
	bool on_credit = vtime_after(calendar->now, vtime + CALENDAR_CREDIT_NS / 4);
	uint64_t counted = on_credit ? ns : ns - ns / CALENDAR_DECAY;
	uint64_t now = calendar->now + counted * WEIGHT_NORMAL / (calendar->weight + weight);

	if (calendar->filled)
		now = MIN(now, calendar_first(calendar)->vtime + CALENDAR_CREDIT_NS);
	calendar_advance(calendar, now);
}
