/* SPDX-License-Identifier: BSD-2-Clause */
#pragma once
/* What the ACPI tables say about this machine, handed down to the floors that drive it. */
#include "kernel/lib/types.h"

/*
 * Reads the tables, calibrates the clock and brings up the interrupt controllers. Missing or broken
 * tables cost what they would have told: one log line each, and a fallback.
 * Context: boot, after milestone 1's memory and milestone 2's stacks, interrupts off.
 */
void platform_init(void);

/* Prepares the CPUs that the MADT names. Context: boot, behind platform_init(). */
void platform_add_cpus(void);

/* Whether there may be an 8042 keyboard controller: false only where the firmware says so. */
bool platform_has_8042(void);
