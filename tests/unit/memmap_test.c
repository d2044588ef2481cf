/* SPDX-License-Identifier: BSD-2-Clause */
#include "kernel/core/memmap.h"
#include "tests/memmap_model.h"
#include "tests/unit/check.h"

struct raw {
	uint64_t base;
	uint64_t len;
	enum mem_class class;
};

#define PAGE 4096ull
#define U    MEM_USABLE
#define R    MEM_RESERVED

/* P-M1-13: maps by hand, with what must come out. */
static const struct {
	const char *name;
	enum err error;
	struct raw in[6];
	struct mem_range out[6];
} table[] = {
	{"empty", OK, {{0}}, {{0}}},
	{"one", OK, {{0, PAGE, U}}, {{0, PAGE, U, 0}}},
	{"zero length", OK, {{PAGE, 0, U}, {0, PAGE, U}}, {{0, PAGE, U, 0}}},
	{"unsorted",
	 OK,
	 {{4 * PAGE, PAGE, R}, {0, PAGE, U}},
	 {{0, PAGE, U, 0}, {4 * PAGE, 5 * PAGE, R, 0}}},
	{"merge", OK, {{PAGE, PAGE, U}, {0, PAGE, U}}, {{0, 2 * PAGE, U, 0}}},
	{"duplicate", OK, {{0, PAGE, U}, {0, PAGE, U}}, {{0, PAGE, U, 0}}},
	{"reserved wins",
	 OK,
	 {{0, 4 * PAGE, U}, {PAGE, PAGE, R}},
	 {{0, PAGE, U, 0}, {PAGE, 2 * PAGE, R, 0}, {2 * PAGE, 4 * PAGE, U, 0}}},
	{"reserved wins from outside",
	 OK,
	 {{PAGE, PAGE, U}, {0, 4 * PAGE, R}},
	 {{0, 4 * PAGE, R, 0}}},
	{"bad beats reserved",
	 OK,
	 {{0, 2 * PAGE, R}, {PAGE, PAGE, MEM_BAD}},
	 {{0, PAGE, R, 0}, {PAGE, 2 * PAGE, MEM_BAD, 0}}},
	{"partial overlap",
	 OK,
	 {{0, 3 * PAGE, U}, {2 * PAGE, 3 * PAGE, MEM_ACPI_NVS}},
	 {{0, 2 * PAGE, U, 0}, {2 * PAGE, 5 * PAGE, MEM_ACPI_NVS, 0}}},
	{"usable shrinks to frames", OK, {{1, 3 * PAGE, U}}, {{PAGE, 3 * PAGE, U, 0}}},
	{"usable below a frame vanishes", OK, {{100, 200, U}}, {{0}}},
	{"usable halves of a frame join",
	 OK,
	 {{0, PAGE / 2, U}, {PAGE / 2, PAGE / 2, U}},
	 {{0, PAGE, U, 0}}},
	{"reserved grows to frames", OK, {{PAGE + 1, 1, R}}, {{PAGE, 2 * PAGE, R, 0}}},
	{"reserved grows over usable",
	 OK,
	 {{0, 3 * PAGE, U}, {PAGE + 8, 8, R}},
	 {{0, PAGE, U, 0}, {PAGE, 2 * PAGE, R, 0}, {2 * PAGE, 3 * PAGE, U, 0}}},
	{"wrap", ERR_INVAL, {{~0ull - PAGE + 1, 2 * PAGE, U}}, {{0}}},
	{"wrap of one byte", ERR_INVAL, {{PAGE, ~0ull - PAGE + 2, R}}, {{0}}},
	{"up to the last byte",
	 OK,
	 {{PAGE, ~0ull - PAGE + 1, R}},
	 {{PAGE, MEMMAP_ADDRESS_END, R, 0}}},
	{"above 52 bits", OK, {{MEMMAP_ADDRESS_END, PAGE, U}, {0, PAGE, U}}, {{0, PAGE, U, 0}}},
	{"across 52 bits",
	 OK,
	 {{MEMMAP_ADDRESS_END - PAGE, 2 * PAGE, U}},
	 {{MEMMAP_ADDRESS_END - PAGE, MEMMAP_ADDRESS_END, U, 0}}},
	{"no class", ERR_INVAL, {{PAGE, PAGE, MEM_CLASS_COUNT}}, {{0}}},
	{"class zero", ERR_INVAL, {{PAGE, PAGE, 0}}, {{0}}},
};

static size_t used(const struct mem_range *ranges)
{
	size_t count = 0;

	while (count < 6 && ranges[count].end != 0)
		count++;
	return count;
}

static void test_table(void)
{
	for (unsigned i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
		struct mem_range ranges[12];
		size_t count = 0;
		enum err error = OK;

		for (unsigned k = 0; k < 6 && error == OK; k++) {
			const struct raw *raw = &table[i].in[k];

			if (raw->base != 0 || raw->len != 0)
				error = memmap_add(ranges, &count, 12, raw->base, raw->len,
						   raw->class);
		}
		if (error == OK)
			error = memmap_normalise(ranges, &count, 12);
		if (error != table[i].error || (error == OK && count != used(table[i].out)))
			fprintf(stderr, "map: %s\n", table[i].name);
		CHECK_EQ(error, table[i].error);
		if (error != OK)
			continue;
		CHECK_EQ(count, used(table[i].out));
		CHECK(memcmp(ranges, table[i].out, count * sizeof(ranges[0])) == 0);
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
