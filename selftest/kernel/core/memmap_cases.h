/* SPDX-License-Identifier: BSD-2-Clause */
#pragma once
/* Memory maps with what must come out of them; the selftest and the host test share the list. */
#include "kernel/core/memmap.h"

struct memmap_raw {
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
	struct memmap_raw in[6];
	struct mem_range out[6];
} memmap_cases[] = {
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

#undef PAGE
#undef U
#undef R

#define MEMMAP_CASE_COUNT (sizeof(memmap_cases) / sizeof(memmap_cases[0]))

static inline size_t memmap_case_used(const struct mem_range *ranges)
{
	size_t count = 0;

	while (count < 6 && ranges[count].end != 0)
		count++;
	return count;
}
