/* SPDX-License-Identifier: BSD-2-Clause */
#include "kernel/core/power.h"

#include "kernel/lib/bits.h"
#include "kernel/lib/compiler.h"

#include "kernel/core/time.h"
#include "kernel/x86/cpu.h"
#include "kernel/x86/io.h"

/* PM1 control: ACPI 6.4, 4.8.3.2.1. */
#define PM1_SCI_ENABLE   0x0001u
#define PM1_SLEEP_ENABLE BIT(13)
#define PM1_SLEEP_TYPE   10

/* PM1a control of QEMU's pc and q35, where the tables are missing or broken. */
#define QEMU_PM1A       0x604
#define QEMU_SLEEP_TYPE 0

#define RESET_CF9    0xcf9
#define RESET_8042   0x64
#define SETTLE_READS 20000u

static __ro_after_init struct power_hw power_hw;

void power_init(const struct power_hw *hw)
{
	power_hw = *hw;
}

/* Some time for the hardware to act, without relying on any clock. */
static void power_settle(void)
{
	for (unsigned i = 0; i < SETTLE_READS; i++)
		(void)inb(0x80);
}

static void power_sleep(uint16_t port, uint8_t type)
{
	uint16_t control = inw(port) & PM1_SCI_ENABLE;

	outw(port, (uint16_t)(control | (unsigned)type << PM1_SLEEP_TYPE | PM1_SLEEP_ENABLE));
}

void power_off(void)
{
	irq_disable();
	if (power_hw.has_s5 && power_hw.pm1a_port) {
		power_sleep(power_hw.pm1a_port, power_hw.sleep_type_a);
		if (power_hw.pm1b_port)
			power_sleep(power_hw.pm1b_port, power_hw.sleep_type_b);
		power_settle();
	}
	if (cpu_has(CPU_HYPERVISOR)) {
		power_sleep(QEMU_PM1A, QEMU_SLEEP_TYPE);
		power_settle();
	}
	power_halt();
}

void power_reset(void)
{
	irq_disable();
	if (power_hw.reset_port) {
		outb(power_hw.reset_port, power_hw.reset_value);
		power_settle();
	}
	outb(RESET_CF9, 0x02);
	outb(RESET_CF9, 0x06);
	power_settle();
	outb(RESET_8042, 0xfe);
	power_settle();
	cpu_stop();
}

void power_halt(void)
{
	cpu_stop();
}
