/* SPDX-License-Identifier: BSD-2-Clause */
#include "kernel/core/memmap.h"
#include "selftest/kernel/core/memmap_cases.h"
#include "tests/memmap_model.h"
#include "tests/unit/check.h"

#define PAGE 4096ull

static void test_table(void)
{
	for (unsigned i = 0; i < MEMMAP_CASE_COUNT; i++) {
		struct mem_range ranges[12];
		size_t count = 0;
		enum err error = OK;

		for (unsigned k = 0; k < 6 && error == OK; k++) {
			const struct memmap_raw *raw = &memmap_cases[i].in[k];

			if (raw->base != 0 || raw->len != 0)
				error = memmap_add(ranges, &count, 12, raw->base, raw->len,
						   raw->class);
		}
		if (error == OK)
			error = memmap_normalise(ranges, &count, 12);
		if (error != memmap_cases[i].error ||
		    (error == OK && count != memmap_case_used(memmap_cases[i].out)))
			fprintf(stderr, "map: %s\n", memmap_cases[i].name);
		CHECK_EQ(error, memmap_cases[i].error);
		if (error != OK)
			continue;
		CHECK_EQ(count, memmap_case_used(memmap_cases[i].out));
		CHECK(memcmp(ranges, memmap_cases[i].out, count * sizeof(ranges[0])) == 0);
	}
}

/* 1,000 entries at random, checked page by page against the model. */
static void test_random(uint64_t seed, size_t entries)
{
	struct mem_range *ranges = malloc(MEMMAP_CAPACITY * sizeof(*ranges));
	struct map_model *model = calloc(1, sizeof(*model));
	size_t count = 0;

	for (size_t i = 0; i < entries; i++) {
		uint64_t base = check_random(&seed) >> 20 & 0x3fffff;
		uint64_t len = check_random(&seed) >> 20 & (i % 7 ? 0x1fff : 0x3ffff);
		enum mem_class class = (enum mem_class)(1 + (check_random(&seed) >> 40) % 8);

		CHECK_EQ(memmap_add(ranges, &count, MEMMAP_CAPACITY, base, len, class), OK);
		map_model_add(model, base, len, class);
	}
	CHECK_EQ(memmap_normalise(ranges, &count, MEMMAP_CAPACITY), OK);
	map_model_compare(model, ranges, count);
	for (unsigned i = 0; i < 30; i++) {
		uint64_t base = check_random(&seed) >> 20 & 0x3fffff;
		uint64_t len = 1 + (check_random(&seed) >> 20 & 0xffff);

		CHECK_EQ(memmap_reserve(ranges, &count, MEMMAP_CAPACITY, base, base + len,
					MEM_KERNEL),
			 OK);
		map_model_add(model, base, len, MEM_KERNEL);
	}
	map_model_compare(model, ranges, count);
	free(model);
	free(ranges);
}

static void test_limits(void)
{
	struct mem_range ranges[4] = {{0}};
	size_t count = 0;

	CHECK_EQ(memmap_add(ranges, &count, 2, 0, PAGE, MEM_USABLE), OK);
	CHECK_EQ(memmap_add(ranges, &count, 2, PAGE, PAGE, MEM_USABLE), OK);
	CHECK_EQ(memmap_add(ranges, &count, 2, 2 * PAGE, PAGE, MEM_USABLE), ERR_NOSPC);
	CHECK_EQ(memmap_normalise(ranges, &count, 3), ERR_NOSPC);
	CHECK_EQ(count, 2);
	CHECK_EQ(memmap_normalise(ranges, &count, 4), OK);
	CHECK_EQ(count, 1);
	CHECK_EQ(memmap_reserve(ranges, &count, 4, PAGE, PAGE, MEM_KERNEL), ERR_INVAL);
	CHECK_EQ(memmap_reserve(ranges, &count, 4, 2 * PAGE, PAGE, MEM_KERNEL), ERR_INVAL);
	CHECK_EQ(memmap_reserve(ranges, &count, 4, 0, MEMMAP_ADDRESS_END + 1, MEM_KERNEL),
		 ERR_INVAL);
	CHECK_EQ(memmap_reserve(ranges, &count, 3, 0, PAGE, MEM_KERNEL), ERR_NOSPC);
	CHECK_EQ(memmap_reserve(ranges, &count, 4, 10, 20, MEM_KERNEL), OK);
	CHECK_EQ(count, 2);
	CHECK_EQ(memmap_total(ranges, count, MEM_KERNEL), PAGE);
	CHECK(memmap_find(ranges, count, PAGE) == &ranges[1]);
	CHECK(memmap_find(ranges, count, 2 * PAGE) == NULL);
	ranges[0].end = 0;
	ranges[0].base = 1;
	CHECK_EQ(memmap_normalise(ranges, &count, 4), ERR_INVAL);
	CHECK_EQ(memmap_class_of_e820(0), MEM_RESERVED);
	CHECK_EQ(memmap_class_of_e820(1), MEM_USABLE);
	CHECK_EQ(memmap_class_of_e820(5), MEM_BAD);
	CHECK_EQ(memmap_class_of_e820(6), MEM_RESERVED);
	CHECK_EQ(memmap_class_of_e820(~0u), MEM_RESERVED);
}

int main(void)
{
	test_table();
	for (uint64_t seed = 1; seed < 40; seed++)
		test_random(seed * 0x9e3779b97f4a7c15, seed < 4 ? 1024 : seed);
	test_limits();
	return check_done("memmap");
}
