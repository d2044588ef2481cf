/* SPDX-License-Identifier: BSD-2-Clause */
/* Which tables are opened, and where: the RSDP of both kinds, lengths, sums, the ends of memory. */
#include "tests/acpi_memory.h"

#define HIGH (5ull << 32)

/* Any memory: what was asked for is written down, and blocks answer. */
static struct {
	struct {
		uint64_t address;
		const uint8_t *data;
		size_t len;
	} blocks[8];
	unsigned count, asked;
	uint64_t last_address;
	size_t last_len;
} memory;

static const void *map(void *context, uint64_t address, size_t len)
{
	(void)context;
	CHECK(address && address + (len - 1) >= address);
	memory.asked++;
	memory.last_address = address;
	memory.last_len = len;
	for (unsigned i = 0; i < memory.count; i++)
		if (memory.blocks[i].address == address && len <= memory.blocks[i].len)
			return memory.blocks[i].data;
	return NULL;
}

static const struct acpi_source source = {map, NULL};

static void forget(void)
{
	for (unsigned i = 0; i < memory.count; i++)
		free((void *)(uintptr_t)memory.blocks[i].data);
	memset(&memory, 0, sizeof(memory));
}

static uint8_t *add(uint64_t address, const void *data, size_t len)
{
	uint8_t *copy = check_copy(data, len);

	memory.blocks[memory.count].address = address;
	memory.blocks[memory.count].data = copy;
	memory.blocks[memory.count++].len = len;
	return copy;
}

static uint8_t *add_table(uint64_t address, const char *signature, const void *body, size_t len)
{
	uint8_t *table = calloc(1, 36 + len), *copy;

	memcpy(table, signature, 4);
	put_le(table + 4, 36 + len, 4);
	if (len)
		memcpy(table + 36, body, len);
	acpi_fix_sum(table, 36 + len, 9);
	copy = add(address, table, 36 + len);
	free(table);
	return copy;
}

static enum err open_table(uint64_t address)
{
	struct acpi_table table;

	return acpi_open_table(&source, address, "APIC", &table);
}

static void test_ends_of_memory(void)
{
	forget();
	CHECK_EQ(open_table(0), ERR_IO);
	CHECK_EQ(open_table(0ull - 35), ERR_IO);
	CHECK_EQ(memory.asked, 0);
	CHECK_EQ(open_table(0ull - 36), ERR_IO);
	CHECK_EQ(memory.asked, 1);
	CHECK_EQ(open_table(1), ERR_IO);
	CHECK(memory.asked == 2 && memory.last_address == 1 && memory.last_len == 36);
	add_table(0ull - 36, "APIC", NULL, 0);
	add_table(1, "APIC", "x", 1);
	CHECK_EQ(open_table(0ull - 36), OK);
	CHECK_EQ(open_table(1), OK);
}

static void test_lengths(void)
{
	static const struct {
		uint32_t len;
		enum err error;
		unsigned asked;
	} cases[] = {{0, ERR_INVAL, 1},
		     {35, ERR_INVAL, 1},
		     {36, OK, 2},
		     {ACPI_TABLE_MAX, OK, 2},
		     {ACPI_TABLE_MAX + 1, ERR_INVAL, 1},
		     {~0u, ERR_INVAL, 1}};
	uint8_t *table;

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		forget();
		table = add_table(4096, "APIC", NULL, 0);
		put_le(table + 4, cases[i].len, 4);
		acpi_fix_sum(table, 36, 9);
		if (cases[i].len == ACPI_TABLE_MAX) {
			free(table);
			table = calloc(1, ACPI_TABLE_MAX);
			memcpy(table, "APIC", 4);
			put_le(table + 4, ACPI_TABLE_MAX, 4);
			acpi_fix_sum(table, 36, 9);
			memory.blocks[0].data = table;
			memory.blocks[0].len = ACPI_TABLE_MAX;
		}
		CHECK_EQ(open_table(4096), cases[i].error);
		CHECK_EQ(memory.asked, cases[i].asked);
	}
}

static void test_signatures(void)
{
	struct acpi_table table;

	forget();
	add_table(4096, "APIX", NULL, 0);
	CHECK_EQ(open_table(4096), ERR_INVAL);
	CHECK_EQ(acpi_open_table(&source, 4096, "APIX", &table), OK);
}

/* An RSDP that names an XSDT with two tables, one above 4 GiB, and an RSDT with one. */
static void make_rsdp(uint8_t *rsdp, uint8_t revision, uint64_t xsdt)
{
	uint8_t entries[16];

	forget();
	put_le(entries, HIGH, 8);
	put_le(entries + 8, 3 << 12, 8);
	if (xsdt)
		add_table(xsdt, "XSDT", entries, 16);
	put_le(entries, 3 << 12, 4);
	add_table(2 << 12, "RSDT", entries, 4);
	add_table(HIGH, "APIC", NULL, 0);
	add_table(3 << 12, "HPET", NULL, 0);
	memset(rsdp, 0, 40);
	memcpy(rsdp, "RSD PTR ", 8);
	rsdp[15] = revision;
	put_le(rsdp + 16, 2 << 12, 4);
	put_le(rsdp + 20, 36, 4);
	put_le(rsdp + 24, xsdt, 8);
	acpi_fix_sum(rsdp, 20, 8);
	acpi_fix_sum(rsdp, 36, 32);
}

/* Which of the two roots is taken: 8 or 4 bytes an entry. */
static unsigned root_of(const uint8_t *rsdp, size_t have)
{
	uint8_t *copy = check_copy(rsdp, have);
	struct acpi_root root = {0};
	enum err error = acpi_open(&source, copy, have, &root);

	free(copy);
	CHECK(error != OK || root.count == (root.entry_bytes == 8 ? 2 : 1));
	return error == OK ? root.entry_bytes : 0;
}

static void test_roots(void)
{
	uint8_t rsdp[40];

	make_rsdp(rsdp, 2, 1 << 12);
	CHECK(root_of(rsdp, 36) == 8 && root_of(rsdp, 40) == 8);
	CHECK(root_of(rsdp, 35) == 4 && root_of(rsdp, 20) == 4 && root_of(rsdp, 19) == 0);
	put_le(rsdp + 20, 40, 4); /* longer than what is there */
	acpi_fix_sum(rsdp, 36, 32);
	CHECK_EQ(root_of(rsdp, 36), 4);
	CHECK_EQ(root_of(rsdp, 40), 8);
	put_le(rsdp + 20, 35, 4);
	acpi_fix_sum(rsdp, 35, 32);
	CHECK_EQ(root_of(rsdp, 36), 4);
	make_rsdp(rsdp, 2, 1 << 12);
	rsdp[33]++; /* the second sum */
	CHECK_EQ(root_of(rsdp, 36), 4);
	make_rsdp(rsdp, 1, 1 << 12);
	CHECK_EQ(root_of(rsdp, 36), 4);
	make_rsdp(rsdp, 2, 0);
	CHECK_EQ(root_of(rsdp, 36), 4);
	/* A table at 1 is one, but nobody has named it. */
	make_rsdp(rsdp, 2, 1);
	CHECK_EQ(root_of(rsdp, 36), 8);
	CHECK_EQ(root_of(rsdp, 20), 4);
	rsdp[33]++;
	CHECK_EQ(root_of(rsdp, 36), 4);
	make_rsdp(rsdp, 2, 1 << 12);
	rsdp[7] = '_';
	acpi_fix_sum(rsdp, 20, 8);
	CHECK_EQ(root_of(rsdp, 36), 0);
}

static void test_find(void)
{
	struct acpi_root root;
	struct acpi_table table;
	uint8_t rsdp[40], *area;

	make_rsdp(rsdp, 2, 1 << 12);
	CHECK_EQ(acpi_open(&source, rsdp, 36, &root), OK);
	CHECK_EQ(acpi_find(&root, "APIC", &table), OK);
	CHECK_EQ(memory.last_address, HIGH);
	CHECK_EQ(acpi_find(&root, "HPET", &table), OK);
	CHECK_EQ(acpi_find(&root, "HPEX", &table), ERR_NOENT);
	for (size_t at = 0; at < 64; at++) {
		area = calloc(1, at + 20);
		memcpy(area + at, rsdp, 20);
		CHECK_EQ(acpi_find_rsdp(area, at + 20), at % 16 ? at + 20 : at);
		CHECK_EQ(acpi_find_rsdp(area, at + 19), at + 19);
		free(area);
	}
}

int main(void)
{
	test_ends_of_memory();
	test_lengths();
	test_signatures();
	test_roots();
	test_find();
	forget();
	return check_done("acpi_tables");
}
