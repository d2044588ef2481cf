/* SPDX-License-Identifier: BSD-2-Clause */
/* Hostile memory maps through the real normaliser. */
#include "kernel/lib/bits.h"

#include "kernel/core/memmap.h"
#include "selftest/selftest.h"

#define ROOM 24u

struct raw_entry {
	uint64_t base, len;
	enum mem_class class;
};

struct hostile_map {
	struct raw_entry entries[4];
	uint64_t usable; /* bytes that may be used */
};

static const struct hostile_map maps[] = {
	{{{MIB(1), MIB(4), MEM_USABLE}, {MIB(2), MIB(1), MEM_RESERVED}}, MIB(3)},
	{{{MIB(8), MIB(1), MEM_USABLE}, {MIB(1), MIB(1), MEM_USABLE}}, MIB(2)},
	{{{MIB(1), MIB(2), MEM_USABLE}, {MIB(2), MIB(2), MEM_USABLE}}, MIB(3)},
	{{{MIB(1), 0, MEM_USABLE}, {MIB(4), MIB(1), MEM_USABLE}}, MIB(1)},
	{{{MIB(1) + 1, MIB(1), MEM_USABLE}}, MIB(1) - 4096},
	{{{MIB(1), MIB(1), MEM_USABLE}, {MIB(1) + 5000, 1, MEM_BAD}}, MIB(1) - 4096},
	{{{1ull << 52, MIB(1), MEM_USABLE}, {MIB(1), MIB(1), MEM_USABLE}}, MIB(1)},
	{{{(1ull << 52) - MIB(1), MIB(2), MEM_USABLE}}, MIB(1)},
	{{{0, UINT64_MAX, MEM_RESERVED}, {MIB(1), MIB(1), MEM_USABLE}}, 0},
	{{{MIB(1), MIB(9), MEM_USABLE}, {MIB(2), MIB(1), MEM_KERNEL}, {MIB(2), 4096, MEM_BAD}},
	 MIB(8)},
};

static bool sorted_and_disjoint(const struct mem_range *ranges, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		if (ranges[i].base >= ranges[i].end || (ranges[i].base | ranges[i].end) % 4096 != 0)
			return false;
		if (i != 0 && ranges[i].base < ranges[i - 1].end)
			return false;
	}
	return true;
}

SELFTEST(M1, 13, hostile_maps_are_normalised)
{
	for (size_t i = 0; i < ARRAY_SIZE(maps); i++) {
		struct mem_range ranges[ROOM];
		size_t count = 0;

		for (size_t j = 0; j < ARRAY_SIZE(maps[i].entries); j++) {
			const struct raw_entry *entry = &maps[i].entries[j];

			if (entry->class != 0)
				CHECK(memmap_add(ranges, &count, ROOM, entry->base, entry->len,
						 entry->class) == OK);
		}
		CHECK(memmap_normalise(ranges, &count, ROOM) == OK);
		CHECK(sorted_and_disjoint(ranges, count));
		CHECK(memmap_total(ranges, count, MEM_USABLE) == maps[i].usable);
	}
	return true;
}

SELFTEST(M1, 13, wrapping_entries_are_refused)
{
	struct mem_range ranges[4];
	size_t count = 0;

	CHECK(memmap_add(ranges, &count, 4, MIB(1), UINT64_MAX, MEM_USABLE) == ERR_INVAL);
	CHECK(memmap_add(ranges, &count, 4, MIB(1), MIB(1), 0) == ERR_INVAL);
	CHECK(count == 0);
	return true;
}
