/* SPDX-License-Identifier: BSD-2-Clause */
#include "kernel/lib/compiler.h"
#include "kernel/lib/string.h"

#include "kernel/core/boot_info.h"
#include "kernel/core/memmap.h"
#include "kernel/x86/layout.h"
#include "selftest/kernel/core/memmap_cases.h"
#include "selftest/selftest.h"

#define ENTRIES 1000
#define PAGE    4096ull

static struct mem_range map[2 * ENTRIES];

static enum err run_case(size_t index, size_t *count)
{
	*count = 0;
	for (size_t i = 0; i < ARRAY_SIZE(memmap_cases[0].in); i++) {
		const struct memmap_raw *raw = &memmap_cases[index].in[i];
		enum err error;

		if (raw->base == 0 && raw->len == 0)
			break;
		error = memmap_add(map, count, ARRAY_SIZE(map), raw->base, raw->len, raw->class);
		if (error != OK)
			return error;
	}
	return memmap_normalise(map, count, ARRAY_SIZE(map));
}

SELFTEST(M1, 13, memmap_cases)
{
	for (size_t i = 0; i < MEMMAP_CASE_COUNT; i++) {
		size_t count;
		enum err error = run_case(i, &count);

		CHECK(error == memmap_cases[i].error);
		if (error != OK)
			continue;
		CHECK(count == memmap_case_used(memmap_cases[i].out));
		CHECK(memcmp(map, memmap_cases[i].out, count * sizeof(map[0])) == 0);
	}
	return true;
}

/* Usable blocks of two frames, last first, the lower frame of each reserved again. */
SELFTEST(M1, 13, memmap_thousand_entries)
{
	size_t count = 0;

	for (uint64_t i = ENTRIES / 2; i-- > 0;) {
		CHECK(memmap_add(map, &count, ENTRIES, i * 2 * PAGE, 2 * PAGE, MEM_USABLE) == OK);
		CHECK(memmap_add(map, &count, ENTRIES, i * 2 * PAGE + 1, 1, MEM_RESERVED) == OK);
	}
	CHECK(memmap_add(map, &count, ENTRIES, 0, PAGE, MEM_USABLE) == ERR_NOSPC);
	CHECK(memmap_normalise(map, &count, ARRAY_SIZE(map)) == OK);
	CHECK(count == ENTRIES);
	for (size_t i = 0; i < count; i++) {
		CHECK(map[i].base == i * PAGE && map[i].end == (i + 1) * PAGE);
		CHECK(map[i].class == (i & 1 ? MEM_USABLE : MEM_RESERVED));
	}
	CHECK(memmap_reserve(map, &count, ARRAY_SIZE(map), PAGE, 2 * PAGE, MEM_KERNEL) ==
	      ERR_NOSPC);
	return true;
}

/* Of what a machine has more than the physmap has room for, the rest is not there. */
SELFTEST(M1, 13, memory_without_room_is_left_out)
{
	const uint64_t end = layout_ram_max();
	size_t count = 0;

	CHECK(memmap_add(map, &count, ENTRIES, 0, PAGE, MEM_USABLE) == OK);
	CHECK(memmap_add(map, &count, ENTRIES, end - PAGE, 3 * PAGE, MEM_USABLE) == OK);
	CHECK(memmap_add(map, &count, ENTRIES, end + 4 * PAGE, PAGE, MEM_BOOT) == OK);
	CHECK(memmap_add(map, &count, ENTRIES, end + 5 * PAGE, PAGE, MEM_RESERVED) == OK);
	CHECK(memmap_normalise(map, &count, ARRAY_SIZE(map)) == OK);
	CHECK(memmap_cut(map, &count, end) == 3 * PAGE);
	CHECK(count == 3 && map[1].base == end - PAGE && map[1].end == end);
	CHECK(map[2].base == end + 5 * PAGE && map[2].class == MEM_RESERVED);
	for (size_t i = 0; i < boot_info()->range_count; i++)
		CHECK(boot_info()->ranges[i].class == MEM_RESERVED ||
		      boot_info()->ranges[i].end <= end);
	return true;
}
