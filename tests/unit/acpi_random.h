/* SPDX-License-Identifier: BSD-2-Clause */
#pragma once
/* A table of random bytes, and its fields by the manual's offsets. */
#include "drv/acpi/tables.h"
#include "tests/unit/check.h"

#define ROUNDS 40000

static uint64_t seed = 29;
static uint8_t bytes[512];
static struct acpi_table table; /* ends where it ends: ASan sees a read behind it */

static inline uint64_t below(uint64_t limit)
{
	return check_random(&seed) % limit;
}

static inline uint64_t field(size_t at, unsigned len)
{
	uint64_t value = 0;

	for (unsigned i = 0; i < len; i++)
		value |= (uint64_t)table.data[at + i] << (8 * i);
	return value;
}

static inline void put(size_t at, unsigned len, uint64_t value)
{
	for (unsigned i = 0; i < len; i++)
		bytes[at + i] = (uint8_t)(value >> (8 * i));
}

static inline void begin(uint32_t len)
{
	free((void *)(uintptr_t)table.data);
	table = (struct acpi_table){check_copy(bytes, len), len};
}

static inline void random_bytes(void)
{
	for (size_t i = 0; i < sizeof(bytes); i++)
		bytes[i] = (uint8_t)check_random(&seed);
}
