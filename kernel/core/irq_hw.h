/* SPDX-License-Identifier: BSD-2-Clause */
#pragma once
/*
 * The interrupt hardware as boot found it in the ACPI tables, with registers mapped by mm: core
 * itself maps nothing.
 */
#include "kernel/lib/types.h"

#include "kernel/x86/apic.h"

#define IRQ_HW_IOAPICS   8u
#define IRQ_HW_ISA_LINES 16u

/* Where an ISA line really goes: MADT interrupt source override, or the identity. */
struct irq_isa_route {
	uint32_t gsi;
	uint32_t flags; /* IOAPIC_ACTIVE_LOW, IOAPIC_LEVEL */
};

struct irq_hw {
	volatile void *lapic; /* uncached; NULL with x2APIC or without a LAPIC */
	uint32_t ioapic_count;
	struct ioapic ioapics[IRQ_HW_IOAPICS]; /* base and gsi_base filled in */
	struct irq_isa_route isa[IRQ_HW_ISA_LINES];
};

/** Fill @hw's ISA routes with the identity (edge-triggered, active high). */
static inline void irq_hw_init(struct irq_hw *hw)
{
	*hw = (struct irq_hw){0};
	for (uint32_t i = 0; i < IRQ_HW_ISA_LINES; i++)
		hw->isa[i].gsi = i;
}
