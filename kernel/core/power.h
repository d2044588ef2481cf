/* SPDX-License-Identifier: BSD-2-Clause */
#pragma once
/* Ending the machine's run: power off, reset, halt. None returns. */
#include "kernel/lib/types.h"

/* What the firmware tables say; a port of 0 means there is none. */
struct power_hw {
	uint16_t pm1a_port; /* PM1 control registers */
	uint16_t pm1b_port;
	uint8_t sleep_type_a; /* SLP_TYP of \_S5_ */
	uint8_t sleep_type_b;
	bool has_s5;
	uint16_t reset_port; /* the FADT's reset register, if it is a port */
	uint8_t reset_value;
};

/** Note how this machine is switched off. Context: boot. Without it the fallbacks are used. */
void power_init(const struct power_hw *hw);

/** Switch off: ACPI S5, then QEMU's port; a machine that stays on is halted. Context: any. */
_Noreturn void power_off(void);

/** Reset: the FADT's register, CF9, the keyboard controller; else halt. Context: any. */
_Noreturn void power_reset(void);

/** Stop this CPU with interrupts off. Context: any. */
_Noreturn void power_halt(void);
