/* SPDX-License-Identifier: BSD-2-Clause */
#include "drv/acpi/tables.h"

#include "kernel/lib/bits.h"
#include "kernel/lib/overflow.h"
#include "kernel/lib/string.h"

#include "drv/acpi/tables_internal.h"

#define RSDP_2_BYTES 36

static bool sum_is_zero(const uint8_t *data, size_t len)
{
	uint8_t sum = 0;

	for (size_t i = 0; i < len; i++)
		sum = (uint8_t)(sum + data[i]);
	return sum == 0;
}

static const void *map(const struct acpi_source *source, uint64_t address, size_t len)
{
	uint64_t last;

	if (address == 0 || add_overflows(address, len - 1, &last))
		return NULL;
	return source->map(source->context, address, len);
}

/* Firmware fills tables behind signatures; a length beyond reason is not worth mapping. */
static enum err open_any(const struct acpi_source *source, uint64_t address,
			 struct acpi_table *table)
{
	const uint8_t *header = map(source, address, ACPI_HEADER_BYTES);
	struct acpi_table here;

	if (header == NULL)
		return ERR_IO;
	here.len = acpi_u32(header, 4);
	if (here.len < ACPI_HEADER_BYTES || here.len > ACPI_TABLE_MAX)
		return ERR_INVAL;
	here.data = map(source, address, here.len);
	if (here.data == NULL)
		return ERR_IO;
	if (!sum_is_zero(here.data, here.len))
		return ERR_INVAL;
	*table = here;
	return OK;
}

enum err acpi_open_table(const struct acpi_source *source, uint64_t address,
			 const char signature[4], struct acpi_table *table)
{
	struct acpi_table here;
	enum err error = open_any(source, address, &here);

	if (error != OK)
		return error;
	if (memcmp(here.data, signature, 4) != 0)
		return ERR_INVAL;
	*table = here;
	return OK;
}

static bool rsdp_is_good(const uint8_t *rsdp, size_t have)
{
	return have >= ACPI_RSDP_BYTES && memcmp(rsdp, "RSD PTR ", 8) == 0 &&
	       sum_is_zero(rsdp, ACPI_RSDP_BYTES);
}

/* The XSDT's address when the RSDP has one that can be trusted, else 0. */
static uint64_t xsdt_address(const uint8_t *rsdp, size_t have)
{
	uint32_t len;

	if (rsdp[15] < 2 || have < RSDP_2_BYTES)
		return 0;
	len = acpi_u32(rsdp, 20);
	if (len < RSDP_2_BYTES || len > have || !sum_is_zero(rsdp, len))
		return 0;
	return acpi_u64(rsdp, 24);
}

static enum err open_root(const struct acpi_source *source, uint64_t address, const char *signature,
			  uint32_t entry_bytes, struct acpi_root *root)
{
	struct acpi_table table;
	enum err error = acpi_open_table(source, address, signature, &table);

	if (error != OK)
		return error;
	root->source = source;
	root->table = table;
	root->entry_bytes = entry_bytes;
	root->count = MIN((table.len - ACPI_HEADER_BYTES) / entry_bytes, ACPI_TABLE_COUNT_MAX);
	return OK;
}

enum err acpi_open(const struct acpi_source *source, const void *rsdp, size_t have,
		   struct acpi_root *root)
{
	uint64_t xsdt;

	if (!rsdp_is_good(rsdp, have))
		return ERR_INVAL;
	xsdt = xsdt_address(rsdp, have);
	if (xsdt != 0 && open_root(source, xsdt, "XSDT", 8, root) == OK)
		return OK;
	return open_root(source, acpi_u32(rsdp, 16), "RSDT", 4, root);
}

enum err acpi_open_at(const struct acpi_source *source, uint64_t rsdp_address,
		      struct acpi_root *root)
{
	const uint8_t *rsdp = map(source, rsdp_address, ACPI_RSDP_BYTES);
	const uint8_t *longer;

	if (rsdp == NULL)
		return ERR_IO;
	if (!rsdp_is_good(rsdp, ACPI_RSDP_BYTES))
		return ERR_INVAL;
	longer = rsdp[15] >= 2 ? map(source, rsdp_address, RSDP_2_BYTES) : NULL;
	if (longer != NULL)
		return acpi_open(source, longer, RSDP_2_BYTES, root);
	return acpi_open(source, rsdp, ACPI_RSDP_BYTES, root);
}

size_t acpi_find_rsdp(const void *area, size_t len)
{
	const uint8_t *bytes = area;

	for (size_t at = 0; at < len; at += 16) {
		if (rsdp_is_good(bytes + at, len - at))
			return at;
	}
	return len;
}

enum err acpi_find(const struct acpi_root *root, const char signature[4], struct acpi_table *table)
{
	for (uint32_t i = 0; i < root->count; i++) {
		size_t at = ACPI_HEADER_BYTES + (size_t)i * root->entry_bytes;
		uint64_t address = root->entry_bytes == 8 ? acpi_u64(root->table.data, at)
							  : acpi_u32(root->table.data, at);

		const uint8_t *header = map(root->source, address, ACPI_HEADER_BYTES);

		if (header == NULL || memcmp(header, signature, 4) != 0)
			continue;
		if (acpi_open_table(root->source, address, signature, table) == OK)
			return OK;
	}
	return ERR_NOENT;
}
