/* SPDX-License-Identifier: BSD-2-Clause */
#pragma once
/*
 * Device interrupts: lines of the IOAPICs and vectors of the local APIC, each with one handler.
 */
#include "kernel/lib/compiler.h"
#include "kernel/lib/errors.h"
#include "kernel/lib/types.h"

#include "kernel/core/irq_hw.h"

/**
 * Runs with interrupts off on the interrupt stack, without a thread: no sleep, no allocation.
 * Return: whether its device had asked. A line that asks IRQ_UNCLAIMED_MAX times in a row while no
 * device has is masked, with a line in the log: it would leave the CPU no time for anything else.
 */
typedef bool (*irq_handler)(void *arg);

#define IRQ_UNCLAIMED_MAX 1000u

/** Mask the 8259s, bring up local APIC and IOAPICs as @hw says. Context: boot, CPU 0, once. */
void irq_init(const struct irq_hw *hw);

/**
 * Route ISA interrupt @isa_line (0-15, MADT overrides applied) to @handler, unmasked.
 *
 * Return: OK; ERR_BUSY when the line has a handler; ERR_NODEV without an IOAPIC for it;
 * ERR_INVAL for a line above 15; ERR_NOSPC when no vector is left.
 */
enum err irq_register_isa(unsigned isa_line, irq_handler handler, void *arg);

/** Route a global system interrupt (level-triggered, active low, as PCI) to @handler. */
enum err irq_register_gsi(uint32_t gsi, irq_handler handler, void *arg);

/** Stop or continue the delivery of an ISA line that has a handler. Context: any. */
void irq_mask_isa(unsigned isa_line);
void irq_unmask_isa(unsigned isa_line);

/** Take the handler of a line away, and mask it. Context: it does not run and will not. */
void irq_unregister_isa(unsigned isa_line);

/** Whether it is stopped, or has no pin. Context: any. */
bool irq_isa_is_masked(unsigned isa_line);
/** The vector that serves an ISA line; 0: it has no handler. */
unsigned irq_vector_of_isa(unsigned isa_line);

/** Give a local vector (timer, inter-processor) its handler. Context: boot. */
void irq_register_vector(unsigned vector, irq_handler handler, void *arg);

/** How many interrupts of @vector CPU @cpu has had. Context: any. */
uint64_t irq_count_of(unsigned cpu, unsigned vector);
/** The line that comes in by @vector; false: none does. */
bool irq_line_of(unsigned vector, uint32_t *gsi);

/** How many interrupts came in without a handler since boot. */
uint64_t irq_spurious_count(void);
/** Interrupts of all kinds since boot. */
uint64_t irq_count(void);
