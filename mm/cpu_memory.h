/* SPDX-License-Identifier: BSD-2-Clause */
#pragma once
/*
 * What each further CPU has for itself: its head, run queue and TSS in one guarded run of
 * pages, and a guarded stack for each kind of entry. Context: thread, may sleep.
 */
#include "kernel/lib/types.h"

struct cpu;

/** A CPU's memory, all of it as secondary_main() needs it but for its number; NULL: there is none. */
struct cpu *cpu_memory_create(uint32_t apic_id);

/** Let it be CPU @id. It does not run. */
void cpu_memory_number(struct cpu *cpu, unsigned id);
