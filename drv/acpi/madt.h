/* SPDX-License-Identifier: BSD-2-Clause */
#pragma once
/* The MADT ("APIC"): CPUs and interrupt controllers; ACPI 6.4, 5.2.12. Pure. */
#include "drv/acpi/tables.h"

enum madt_kind {
	MADT_LAPIC = 0,
	MADT_IOAPIC = 1,
	MADT_OVERRIDE = 2,
	MADT_NMI_SOURCE = 3,
	MADT_LAPIC_NMI = 4,
	MADT_X2APIC = 9,
	MADT_X2APIC_NMI = 10,
};

/* Flags of overrides and NMIs, "MPS INTI flags": 0 as the bus has it, 1 high/edge, 3 low/level. */
#define MADT_POLARITY(flags) ((flags)&3u)
#define MADT_TRIGGER(flags)  ((flags) >> 2 & 3u)

#define MADT_CPU_ALL ~0u

struct madt_entry {
	enum madt_kind kind;
	uint32_t cpu_uid;    /* LAPIC, X2APIC; NMIs: MADT_CPU_ALL for every CPU */
	uint32_t apic_id;    /* LAPIC, X2APIC; IOAPIC: its id */
	bool enabled;        /* LAPIC, X2APIC */
	bool online_capable; /* LAPIC, X2APIC */
	uint64_t address;    /* IOAPIC: physical */
	uint32_t gsi;        /* IOAPIC: first; OVERRIDE, NMI_SOURCE: target */
	uint8_t isa_irq;     /* OVERRIDE */
	uint8_t lint;        /* LAPIC_NMI, X2APIC_NMI: 0 or 1 */
	uint16_t flags;      /* OVERRIDE and NMIs */
};

struct madt {
	struct acpi_table table;
	uint32_t at;
	bool has_8259;
};

/** Start reading. Return: OK; ERR_INVAL for a table too short. */
enum err madt_begin(const struct acpi_table *table, struct madt *madt);

/**
 * Get the next entry of a kind above; others, short ones and ones out of range are passed over.
 *
 * Return: false at the end, or at an entry whose length makes going on impossible.
 */
bool madt_next(struct madt *madt, struct madt_entry *entry);
