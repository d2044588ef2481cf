/* SPDX-License-Identifier: BSD-2-Clause */
#include "drv/acpi/madt.h"

#include "kernel/lib/bits.h"

#include "drv/acpi/tables_internal.h"

#define FIRST_ENTRY 44

/* The shortest each kind may be; 0: not a kind we read. */
static const uint8_t min_bytes[] = {
	[MADT_LAPIC] = 8,     [MADT_IOAPIC] = 12, [MADT_OVERRIDE] = 10,   [MADT_NMI_SOURCE] = 8,
	[MADT_LAPIC_NMI] = 6, [MADT_X2APIC] = 16, [MADT_X2APIC_NMI] = 12,
};

enum err madt_begin(const struct acpi_table *table, struct madt *madt)
{
	if (table->len < FIRST_ENTRY)
		return ERR_INVAL;
	*madt = (struct madt){
		.table = *table,
		.at = FIRST_ENTRY,
		.has_8259 = acpi_u32(table->data, 40) & 1,
	};
	return OK;
}

/* Processor 0xff (0xffffffff for x2APIC ids) means all of them. */
static uint32_t uid_of_byte(uint8_t uid)
{
	return uid == 0xff ? MADT_CPU_ALL : uid;
}

static void set_cpu(struct madt_entry *entry, uint32_t uid, uint32_t apic_id, uint32_t flags)
{
	entry->cpu_uid = uid;
	entry->apic_id = apic_id;
	entry->enabled = flags & 1;
	entry->online_capable = flags >> 1 & 1;
}

static void read_cpu_entry(const uint8_t *raw, struct madt_entry *entry)
{
	if (entry->kind == MADT_LAPIC)
		set_cpu(entry, raw[2], raw[3], acpi_u32(raw, 4));
	else
		set_cpu(entry, acpi_u32(raw, 12), acpi_u32(raw, 4), acpi_u32(raw, 8));
}

static void read_nmi_entry(const uint8_t *raw, struct madt_entry *entry)
{
	if (entry->kind == MADT_NMI_SOURCE) {
		entry->flags = acpi_u16(raw, 2);
		entry->gsi = acpi_u32(raw, 4);
	} else if (entry->kind == MADT_LAPIC_NMI) {
		entry->cpu_uid = uid_of_byte(raw[2]);
		entry->flags = acpi_u16(raw, 3);
		entry->lint = raw[5];
	} else {
		entry->flags = acpi_u16(raw, 2);
		entry->cpu_uid = acpi_u32(raw, 4);
		entry->lint = raw[8];
	}
}

static void read_entry(const uint8_t *raw, struct madt_entry *entry)
{
	switch (entry->kind) {
	case MADT_LAPIC:
	case MADT_X2APIC:
		read_cpu_entry(raw, entry);
		break;
	case MADT_IOAPIC:
		entry->apic_id = raw[2];
		entry->address = acpi_u32(raw, 4);
		entry->gsi = acpi_u32(raw, 8);
		break;
	case MADT_OVERRIDE:
		entry->isa_irq = raw[3];
		entry->gsi = acpi_u32(raw, 4);
		entry->flags = acpi_u16(raw, 8);
		break;
	case MADT_NMI_SOURCE:
	case MADT_LAPIC_NMI:
	case MADT_X2APIC_NMI:
		read_nmi_entry(raw, entry);
		break;
	}
}

/* What would be used as an index is in range: 16 ISA lines on bus 0, two LINT pins. */
static bool entry_is_sane(const uint8_t *raw, const struct madt_entry *entry)
{
	if (entry->kind == MADT_OVERRIDE)
		return raw[2] == 0 && entry->isa_irq < 16;
	return entry->lint < 2;
}

bool madt_next(struct madt *madt, struct madt_entry *entry)
{
	while (madt->table.len - madt->at >= 2) {
		const uint8_t *raw = madt->table.data + madt->at;
		uint8_t kind = raw[0];
		uint8_t len = raw[1];
		struct madt_entry here = {.kind = (enum madt_kind)kind};

		if (len < 2 || len > madt->table.len - madt->at)
			break;
		madt->at += len;
		if (kind >= sizeof(min_bytes) || min_bytes[kind] == 0 || len < min_bytes[kind])
			continue;
		read_entry(raw, &here);
		if (!entry_is_sane(raw, &here))
			continue;
		*entry = here;
		return true;
	}
	madt->at = madt->table.len;
	return false;
}
