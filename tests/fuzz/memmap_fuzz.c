/* SPDX-License-Identifier: BSD-2-Clause */
#include "kernel/core/memmap.h"
#include "tests/fuzz/fuzz.h"
#include "tests/memmap_model.h"
#include "tests/unit/check.h"

#define ENTRY_BYTES 17

static void check_shape(const struct mem_range *ranges, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		CHECK(ranges[i].base < ranges[i].end && ranges[i].end <= MEMMAP_ADDRESS_END);
		CHECK(ranges[i].base % 4096 == 0 && ranges[i].end % 4096 == 0);
		CHECK(i == 0 || ranges[i - 1].end <= ranges[i].base);
	}
}

/*
 * Raw entries of base, length and class. A usable frame of the result must not be touched by
 * any entry that is not usable, and must be covered by usable ones at both ends.
 */
static void check_usable(const uint8_t *data, size_t size, const struct mem_range *usable)
{
	for (size_t at = 0; at + ENTRY_BYTES <= size; at += ENTRY_BYTES) {
		uint64_t base;
		uint64_t len;
		uint64_t last;

		memcpy(&base, data + at, 8);
		memcpy(&len, data + at + 8, 8);
		if (data[at + 16] % 10 == MEM_USABLE || data[at + 16] % 10 == 0 ||
		    data[at + 16] % 10 == 9 || len == 0 ||
		    __builtin_add_overflow(base, len - 1, &last))
			continue;
		CHECK(last < usable->base || base >= usable->end);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	size_t entries = size / ENTRY_BYTES;
	size_t capacity = 2 * entries + 8;
	struct mem_range *ranges = malloc(capacity * sizeof(*ranges));
	size_t count = 0;

	for (size_t i = 0; i < entries; i++) {
		uint64_t base;
		uint64_t len;

		memcpy(&base, data + i * ENTRY_BYTES, 8);
		memcpy(&len, data + i * ENTRY_BYTES + 8, 8);
		(void)!memmap_add(ranges, &count, capacity, base, len,
				  (enum mem_class)(data[i * ENTRY_BYTES + 16] % 10));
	}
	CHECK_EQ(memmap_normalise(ranges, &count, capacity), OK);
	check_shape(ranges, count);
	for (size_t i = 0; i < count; i++) {
		if (ranges[i].class == MEM_USABLE)
			check_usable(data, size, &ranges[i]);
	}
	if (memmap_reserve(ranges, &count, capacity, 4096, 1 << 20, MEM_KERNEL) == OK)
		check_shape(ranges, count);
	free(ranges);
	return 0;
}
