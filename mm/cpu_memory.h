/* SPDX-License-Identifier: BSD-2-Clause */
#pragma once
/*
 * What each further CPU has for itself: its head, idle thread and TSS in one guarded run of
 * pages, and a guarded stack for each kind of entry. Context: thread, may sleep.
 */
#include "kernel/lib/types.h"

struct cpu;
struct kthread;

/** A CPU's memory, all of it as secondary_main() needs it; NULL: there is no memory for it. */
struct cpu *cpu_memory_create(unsigned id, uint32_t apic_id);

/** Its idle thread, not initialised but for the canary; runs on the stack that ends at kernel_rsp.
 */
struct kthread *cpu_memory_idle(struct cpu *cpu);
