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
	ranges[0] = (struct mem_range){0, PAGE, MEM_USABLE, 0};
	ranges[1] = (struct mem_range){1, 0, MEM_USABLE, 0};
	count = 2;
	CHECK_EQ(memmap_normalise(ranges, &count, 4), ERR_INVAL);
	ranges[1] = (struct mem_range){0, 1, MEM_CLASS_COUNT, 0};
	CHECK_EQ(memmap_normalise(ranges, &count, 4), ERR_INVAL);
	CHECK_EQ(memmap_class_of_e820(0), MEM_RESERVED);
	CHECK_EQ(memmap_class_of_e820(1), MEM_USABLE);
	CHECK_EQ(memmap_class_of_e820(5), MEM_BAD);
	CHECK_EQ(memmap_class_of_e820(6), MEM_RESERVED);
	CHECK_EQ(memmap_class_of_e820(~0u), MEM_RESERVED);
}

/* Nothing is memory from MEMMAP_ADDRESS_END on, and nothing of no length is any. */
static void test_ends(void)
{
	const uint64_t end = MEMMAP_ADDRESS_END;
	struct mem_range ranges[8];
	size_t count = 0;

	CHECK_EQ(memmap_add(ranges, &count, 8, 0, PAGE, 0), ERR_INVAL);
	CHECK_EQ(memmap_add(ranges, &count, 8, 0, PAGE, MEM_CLASS_COUNT), ERR_INVAL);
	CHECK_EQ(memmap_add(ranges, &count, 8, end, PAGE, MEM_USABLE), OK);
	CHECK_EQ(count, 0);
	CHECK_EQ(memmap_add(ranges, &count, 8, end - PAGE, 3 * PAGE, MEM_USABLE), OK);
	CHECK_EQ(memmap_add(ranges, &count, 8, end - 3 * PAGE, PAGE, MEM_USABLE), OK);
	CHECK(count == 2 && ranges[0].end == end && ranges[1].end == end - 2 * PAGE);
	count = 0;
	ranges[count++] = (struct mem_range){end + PAGE, end + 2 * PAGE, MEM_RESERVED, 0};
	ranges[count++] = (struct mem_range){PAGE + 5, PAGE + 5, MEM_RESERVED, 0};
	ranges[count++] = (struct mem_range){end - PAGE, end + PAGE, MEM_USABLE, 0};
	CHECK_EQ(memmap_normalise(ranges, &count, 8), OK);
	CHECK(count == 1 && ranges[0].base == end - PAGE && ranges[0].end == end);
	CHECK_EQ(memmap_reserve(ranges, &count, 8, end - PAGE, end, MEM_BAD), OK);
	CHECK(count == 1 && ranges[0].class == MEM_BAD);
}

/* What lies above an end goes if the kernel would use it; the rest stays as it was. */
static void test_cut(uint64_t seed)
{
	struct mem_range before[40], *after;
	uint64_t end = PAGE * (check_random(&seed) % 64), gone = 0;
	size_t count = 0, cut, kept = 0;

	for (unsigned i = 0; i < 12; i++)
		CHECK_EQ(memmap_add(before, &count, 40, PAGE * (check_random(&seed) % 64),
				    PAGE * (1 + check_random(&seed) % 9),
				    (enum mem_class)(1 + check_random(&seed) % 8)),
			 OK);
	CHECK_EQ(memmap_normalise(before, &count, 40), OK);
	after = check_copy(before, count * sizeof(*before));
	cut = count;
	gone = memmap_cut(after, &cut, end);
	for (uint64_t at = 0; at < 80 * PAGE; at += PAGE) {
		const struct mem_range *was = memmap_find(before, count, at);
		const struct mem_range *is = memmap_find(after, cut, at);
		bool goes = was && at >= end &&
			    (was->class == MEM_USABLE || was->class == MEM_INITRD ||
			     was->class == MEM_BOOT);

		CHECK_EQ(is ? is->class : 0, was && !goes ? was->class : 0);
		gone -= goes ? PAGE : 0;
	}
	CHECK_EQ(gone, 0);
	for (; kept < cut; kept++)
		CHECK(after[kept].base < after[kept].end &&
		      (!kept || after[kept - 1].end <= after[kept].base));
	free(after);
}

int main(void)
{
	test_table();
	for (uint64_t seed = 1; seed < 400; seed++)
		test_cut(seed * 0x9e3779b97f4a7c15);
	for (uint64_t seed = 1; seed < 40; seed++)
		test_random(seed * 0x9e3779b97f4a7c15, seed < 4 ? 1024 : seed);
	test_limits();
	test_ends();
	return check_done("memmap");
}
