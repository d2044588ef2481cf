/* SPDX-License-Identifier: BSD-2-Clause */
#pragma once
/* Little-endian fields at any alignment; the caller has checked that they are there. */
#include "kernel/lib/string.h"
#include "kernel/lib/types.h"

static inline uint16_t acpi_u16(const uint8_t *data, size_t at)
{
	uint16_t value;

	memcpy(&value, data + at, sizeof(value));
	return value;
}

static inline uint32_t acpi_u32(const uint8_t *data, size_t at)
{
	uint32_t value;

	memcpy(&value, data + at, sizeof(value));
	return value;
}

static inline uint64_t acpi_u64(const uint8_t *data, size_t at)
{
	uint64_t value;

	memcpy(&value, data + at, sizeof(value));
	return value;
}
