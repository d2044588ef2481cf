/* SPDX-License-Identifier: BSD-2-Clause */
#pragma once
/*
 * Local APIC (SDM vol 3, 10) and IOAPIC (82093AA). Addresses come from core's struct irq_hw: this
 * code maps nothing. The 8259 pair is only masked.
 */
#include "kernel/lib/types.h"

#define VECTOR_IRQ_FIRST 0x20u /* devices: 0x20-0xef but for 0x80 */
#define VECTOR_IRQ_LAST  0xefu
#define VECTOR_TIMER     0xf0u
#define VECTOR_CALL      0xf1u /* between CPUs: a function to be run */
#define VECTOR_FLUSH     0xf2u /* a translation to be forgotten */
#define VECTOR_EPOCH     0xf3u /* are you reading? */
#define VECTOR_KICK      0xf4u /* look at what is to be run */
#define VECTOR_ERROR     0xfeu
#define VECTOR_SPURIOUS  0xffu

/* Remaps both 8259s to 0x20-0x2f, away from the exceptions, and masks all lines. */
void pic_mask_all(void);

/* Enables CPU 0's LAPIC; base = its 4 KiB registers, mapped uncached (unused with x2APIC). */
void lapic_init(volatile void *base);
/* Enables a further CPU's in the same mode. */
void lapic_init_cpu(void);
/* Where the registers of CPU 0's are. */
uint64_t lapic_phys(void);
bool lapic_present(void);
/* Whether an interrupt can be sent to that CPU alone. */
bool lapic_reaches(uint32_t apic_id);
uint32_t lapic_id(void);
void lapic_eoi(void);
/* Holds back vectors whose upper four bits are not above `priority`'s: 0xff all, 0 none. */
void lapic_set_priority(uint8_t priority);
/* One-shot: VECTOR_TIMER after `count` ticks at divide-by-1; 0 stops it. */
void lapic_timer_start(uint32_t count);
void lapic_timer_stop(void);
/* Ticks left. */
uint32_t lapic_timer_left(void);
/* With CPU_TSC_DEADLINE: VECTOR_TIMER when the TSC reaches `tsc`; 0 stops it. */
void lapic_timer_deadline(uint64_t tsc);
/* Use deadline mode from now on (the other timer calls must not be used then). */
void lapic_timer_use_deadline(void);
void lapic_send(uint32_t apic_id, unsigned vector);
void lapic_send_nmi(uint32_t apic_id);
/* INIT and STARTUP for starting other CPUs; `page` < 0x100. Bounded waits. */
void lapic_send_init(uint32_t apic_id);
void lapic_send_startup(uint32_t apic_id, uint8_t page);

#define IOAPIC_ACTIVE_LOW 0x1u
#define IOAPIC_LEVEL      0x2u
struct ioapic {
	volatile void *base;
	uint32_t gsi_base;
	uint32_t pin_count; /* filled by ioapic_init() */
};

/* Reads the pin count and masks every pin. */
void ioapic_init(struct ioapic *ioapic);
/* Routes a pin to a vector on one CPU, masked. Context: IRQs off, caller serialises per IOAPIC. */
void ioapic_route(struct ioapic *ioapic, uint32_t pin, unsigned vector, uint32_t apic_id,
		  unsigned flags);
void ioapic_mask(struct ioapic *ioapic, uint32_t pin);
void ioapic_unmask(struct ioapic *ioapic, uint32_t pin);
bool ioapic_is_masked(const struct ioapic *ioapic, uint32_t pin);
