/* SPDX-License-Identifier: BSD-2-Clause */
#pragma once
/*
 * Defensive readers of the ACPI tables the kernel needs (ACPI 6.4, chapter 5): every length is
 * checked against what is mapped, every checksum is summed, every count is bounded. No AML is
 * interpreted: for power-off the DSDT is searched for the bytes of \_S5_.
 *
 * Pure: memory is reached through the caller's map function only.
 *
 * Context of all functions: boot, one CPU.
 */
#include "kernel/lib/errors.h"
#include "kernel/lib/types.h"

#define ACPI_HEADER_BYTES    36
#define ACPI_TABLE_MAX       (16u << 20) /* larger tables are taken for nonsense */
#define ACPI_TABLE_COUNT_MAX 256
#define ACPI_RSDP_BYTES      20 /* of revision 0; 36 later */

struct acpi_source {
	/*
	 * Give @len bytes at physical @address to read, as long as tables are in use; NULL when
	 * that cannot be. Reserved ranges must be reachable: SeaBIOS keeps its tables there.
	 */
	const void *(*map)(void *context, uint64_t address, size_t len);
	void *context;
};

/* A table whose length and checksum hold. */
struct acpi_table {
	const uint8_t *data;
	uint32_t len; /* at least ACPI_HEADER_BYTES */
};

struct acpi_root {
	const struct acpi_source *source;
	struct acpi_table table; /* the RSDT or XSDT */
	uint32_t count;          /* entries, at most ACPI_TABLE_COUNT_MAX */
	uint32_t entry_bytes;    /* 4 or 8 */
};

/**
 * Check a copy of the RSDP, @have bytes, and the root table it names.
 *
 * Return: OK; ERR_INVAL for a bad RSDP or root table; ERR_IO when memory cannot be mapped.
 */
enum err acpi_open(const struct acpi_source *source, const void *rsdp, size_t have,
		   struct acpi_root *root);

/** The same for an RSDP at a physical address. */
enum err acpi_open_at(const struct acpi_source *source, uint64_t rsdp_address,
		      struct acpi_root *root);

/**
 * Find an RSDP in firmware memory: 16-byte steps, signature and checksum.
 *
 * Return: its offset in @area, or @len when there is none.
 */
size_t acpi_find_rsdp(const void *area, size_t len);

/**
 * Find the first good table with a 4-letter signature; bad ones are passed over.
 *
 * Return: OK; ERR_NOENT. @table is untouched unless OK.
 */
enum err acpi_find(const struct acpi_root *root, const char signature[4], struct acpi_table *table);

/** Map and check one table by address. Return: OK, ERR_INVAL, ERR_IO. */
enum err acpi_open_table(const struct acpi_source *source, uint64_t address,
			 const char signature[4], struct acpi_table *table);
