/* SPDX-License-Identifier: BSD-2-Clause */
/* The IOAPIC: an index and a data register, two words a pin (82093AA, 3.0). */
#include "kernel/lib/assert.h"

#include "kernel/x86/apic.h"
#include "kernel/x86/io.h"

#define INDEX          0x00u
#define DATA           0x10u
#define REG_VERSION    0x01u
#define REG_ENTRY(pin) (0x10u + 2 * (pin))
#define ENTRY_MASKED   0x10000u
#define ENTRY_LEVEL    0x8000u
#define ENTRY_LOW      0x2000u
#define PINS_MAX       240u

static volatile uint8_t *registers(const struct ioapic *ioapic)
{
	return ioapic->base;
}

static uint32_t ioapic_read(const struct ioapic *ioapic, uint32_t reg)
{
	mmio_write32(registers(ioapic) + INDEX, reg);
	return mmio_read32(registers(ioapic) + DATA);
}

static void ioapic_write(const struct ioapic *ioapic, uint32_t reg, uint32_t value)
{
	mmio_write32(registers(ioapic) + INDEX, reg);
	mmio_write32(registers(ioapic) + DATA, value);
}

void ioapic_init(struct ioapic *ioapic)
{
	uint32_t pins = (ioapic_read(ioapic, REG_VERSION) >> 16 & 0xff) + 1;

	/* A register that answers all ones is no IOAPIC. */
	ioapic->pin_count = pins <= PINS_MAX ? pins : 0;
	for (uint32_t pin = 0; pin < ioapic->pin_count; pin++) {
		ioapic_write(ioapic, REG_ENTRY(pin), ENTRY_MASKED | VECTOR_SPURIOUS);
		ioapic_write(ioapic, REG_ENTRY(pin) + 1, 0);
	}
}

void ioapic_route(struct ioapic *ioapic, uint32_t pin, unsigned vector, uint32_t apic_id,
		  unsigned flags)
{
	uint32_t entry = ENTRY_MASKED | vector;

	ASSERT(pin < ioapic->pin_count && vector >= VECTOR_IRQ_FIRST && vector <= 0xff);
	entry |= flags & IOAPIC_ACTIVE_LOW ? ENTRY_LOW : 0;
	entry |= flags & IOAPIC_LEVEL ? ENTRY_LEVEL : 0;
	ioapic_write(ioapic, REG_ENTRY(pin), ENTRY_MASKED);
	ioapic_write(ioapic, REG_ENTRY(pin) + 1, apic_id << 24);
	ioapic_write(ioapic, REG_ENTRY(pin), entry);
}

void ioapic_mask(struct ioapic *ioapic, uint32_t pin)
{
	ASSERT(pin < ioapic->pin_count);
	ioapic_write(ioapic, REG_ENTRY(pin), ioapic_read(ioapic, REG_ENTRY(pin)) | ENTRY_MASKED);
}

void ioapic_unmask(struct ioapic *ioapic, uint32_t pin)
{
	ASSERT(pin < ioapic->pin_count);
	ioapic_write(ioapic, REG_ENTRY(pin), ioapic_read(ioapic, REG_ENTRY(pin)) & ~ENTRY_MASKED);
}

bool ioapic_is_masked(const struct ioapic *ioapic, uint32_t pin)
{
	ASSERT(pin < ioapic->pin_count);
	return ioapic_read(ioapic, REG_ENTRY(pin)) & ENTRY_MASKED;
}
