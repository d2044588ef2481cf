/* SPDX-License-Identifier: BSD-2-Clause */
#pragma once
/* Physical memory for ACPI tables: one block at an address; every reader is run over it. */
#include "drv/acpi/cpu_list.h"
#include "drv/acpi/fadt.h"
#include "drv/acpi/madt.h"
#include "drv/acpi/tables.h"
#include "kernel/x86/apic_mode.h"
#include "tests/unit/check.h"

#define ACPI_MEMORY_BASE 0x7fe0000ull

struct acpi_memory {
	const uint8_t *data;
	size_t len;
};

static inline const void *acpi_memory_map(void *context, uint64_t address, size_t len)
{
	const struct acpi_memory *memory = context;
	uint64_t offset = address - ACPI_MEMORY_BASE;

	if (address < ACPI_MEMORY_BASE || offset > memory->len || len > memory->len - offset)
		return NULL;
	return memory->data + offset;
}

static inline bool acpi_xapic_reaches(uint32_t id)
{
	return apic_mode_reaches(APIC_MODE_MEMORY, id);
}

/* Whatever the table says: no CPU twice, not the one that runs, none that cannot be named alone. */
static inline void acpi_check_cpus(struct madt madt, uint32_t self, uint32_t max)
{
	struct cpu_list list;

	cpu_list_read(madt, self, acpi_xapic_reaches, max, &list);
	CHECK(list.count <= max && (list.too_many == 0 || list.count == max));
	for (uint32_t i = 0; i < list.count; i++) {
		CHECK(list.ids[i] != self && list.ids[i] < 255);
		for (uint32_t other = 0; other < i; other++)
			CHECK(list.ids[other] != list.ids[i]);
	}
}

static inline void acpi_read_all_madt(const struct acpi_root *root)
{
	struct acpi_table table;
	struct madt_entry entry;
	struct madt madt;
	size_t count = 0;

	if (acpi_find(root, "APIC", &table) != OK || madt_begin(&table, &madt) != OK)
		return;
	while (madt_next(&madt, &entry)) {
		CHECK(entry.isa_irq < 16 && entry.lint < 2);
		count++;
	}
	CHECK(count * 6 <= table.len);
	if (madt_begin(&table, &madt) == OK) {
		acpi_check_cpus(madt, 0, CPU_LIST_MAX - 1);
		acpi_check_cpus(madt, 1, 1);
	}
	while (madt_next(&madt, &entry))
		continue;
	CHECK(!madt_next(&madt, &entry));
}

/* Whatever the bytes are: no access outside them, no endless loop, sane values. */
static inline void acpi_read_all(const uint8_t *data, size_t len)
{
	struct acpi_memory memory = {data, len};
	struct acpi_source source = {acpi_memory_map, &memory};
	struct acpi_root root;
	struct acpi_table table;
	struct acpi_fadt fadt;
	struct acpi_hpet hpet;
	uint8_t a = 0;
	uint8_t b = 0;
	size_t at = acpi_find_rsdp(data, len);

	CHECK(at <= len);
	if (acpi_open_at(&source, ACPI_MEMORY_BASE + at, &root) != OK)
		return;
	acpi_read_all_madt(&root);
	if (acpi_find(&root, "HPET", &table) == OK && acpi_read_hpet(&table, &hpet) == OK)
		CHECK(hpet.address != 0 && hpet.address % 4096 == 0);
	if (acpi_find(&root, "FACP", &table) != OK || acpi_read_fadt(&table, &fadt) != OK)
		return;
	CHECK(fadt.pm_timer.space == ACPI_SPACE_MEMORY || fadt.pm_timer.address < 0x10000);
	if (acpi_open_table(&source, fadt.dsdt_address, "DSDT", &table) == OK &&
	    acpi_find_s5(&table, &a, &b) == OK)
		CHECK(a < 8 && b < 8);
}

/* --- building: a machine much like QEMU's q35 */
struct acpi_builder {
	uint8_t data[4096];
	size_t len;
};

static inline void put_le(uint8_t *at, uint64_t value, unsigned bytes)
{
	for (unsigned i = 0; i < bytes; i++)
		at[i] = (uint8_t)(value >> (8 * i));
}

static inline void acpi_fix_sum(uint8_t *data, size_t len, size_t sum_at)
{
	uint8_t sum = 0;

	data[sum_at] = 0;
	for (size_t i = 0; i < len; i++)
		sum = (uint8_t)(sum + data[i]);
	data[sum_at] = (uint8_t)-sum;
}

/* Append a table; gives its address. */
static inline uint64_t acpi_add(struct acpi_builder *b, const char *signature, const uint8_t *body,
				size_t body_len)
{
	uint8_t *table = b->data + b->len;
	size_t len = 36 + body_len;
	uint64_t address = ACPI_MEMORY_BASE + b->len;

	memset(table, 0, 36);
	memcpy(table, signature, 4);
	put_le(table + 4, len, 4);
	table[8] = 3;
	memcpy(table + 36, body, body_len);
	acpi_fix_sum(table, len, 9);
	b->len += (len + 15) / 16 * 16;
	return address;
}

static inline uint64_t acpi_add_madt(struct acpi_builder *b)
{
	static const uint8_t body[] = {
		0,  0,  0xe0, 0xfe, 1, 0, 0,    0,                            /* LAPIC, has 8259 */
		0,  8,  0,    0,    1, 0, 0,    0,                            /* CPU 0 */
		0,  8,  1,    4,    2, 0, 0,    0,                            /* CPU 1, can come */
		1,  12, 0,    0,    0, 0, 0xc0, 0xfe, 0, 0, 0, 0,             /* IOAPIC */
		2,  10, 0,    0,    2, 0, 0,    0,    0, 0,                   /* IRQ 0 -> GSI 2 */
		2,  10, 0,    99,   2, 0, 0,    0,    0, 0,                   /* no such IRQ */
		2,  4,  0,    0,                                              /* too short */
		77, 3,  1,                                                    /* of no kind */
		4,  6,  0xff, 0,    0, 1,                                     /* LINT1 NMI */
		9,  16, 0,    0,    0, 1, 0,    0,    1, 0, 0, 0, 5, 0, 0, 0, /* x2APIC 256 */
		5,  12, 0,    0,    0, 0, 0xe0, 0xfe, 1, 0, 0, 0, /* LAPIC above 4 GiB */
	};

	return acpi_add(b, "APIC", body, sizeof(body));
}

static inline uint64_t acpi_add_fadt(struct acpi_builder *b, uint64_t dsdt)
{
	uint8_t body[244 - 36] = {0};

	put_le(body + 40 - 36, dsdt, 4);
	put_le(body + 48 - 36, 0xb2, 4);
	body[52 - 36] = 2;
	body[53 - 36] = 3;
	put_le(body + 64 - 36, 0x604, 4);
	put_le(body + 76 - 36, 0x608, 4);
	put_le(body + 112 - 36, 1 << 8 | 1 << 10, 4);
	body[116 - 36] = 1;
	put_le(body + 120 - 36, 0xcf9, 8);
	body[128 - 36] = 0xf;
	return acpi_add(b, "FACP", body, sizeof(body));
}

static inline void acpi_build(struct acpi_builder *b, bool with_xsdt)
{
	static const uint8_t aml[] = "\x10\x20_S5_\x08\x5c_S5_\x12\x06\x04\x0a\x05\x01\x00\x00pad";
	static const uint8_t hpet[20] = {1, 0xa2, 0x86, 0x80, 0, 64, 0, 0, 0, 0, 0xd0, 0xfe};
	uint64_t address[3];
	uint8_t entries[24];
	uint8_t *rsdp = b->data;
	unsigned size = with_xsdt ? 8 : 4;

	memset(b, 0, sizeof(*b));
	b->len = 48;
	address[0] = acpi_add_fadt(b, acpi_add(b, "DSDT", aml, sizeof(aml)));
	address[1] = acpi_add_madt(b);
	address[2] = acpi_add(b, "HPET", hpet, sizeof(hpet));
	for (unsigned i = 0; i < 3; i++)
		put_le(entries + i * size, address[i], size);
	memcpy(rsdp, "RSD PTR ", 8);
	rsdp[15] = with_xsdt ? 2 : 0;
	put_le(rsdp + (with_xsdt ? 24 : 16),
	       acpi_add(b, with_xsdt ? "XSDT" : "RSDT", entries, 3 * size), size);
	put_le(rsdp + 20, 36, 4);
	acpi_fix_sum(rsdp, 20, 8);
	acpi_fix_sum(rsdp, 36, 32);
}
