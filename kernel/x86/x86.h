/* SPDX-License-Identifier: BSD-2-Clause */
#pragma once
/*
 * The order in which boot/main.c brings a CPU up:
 *  1. x86_init_early()    first C call at all: per-CPU head, features, GDT, IDT and TSS on static
 *                         stacks, control registers, FPU, system-call MSRs. From here on every
 * fault is reported.
 *  2. (mm builds the final tables; kernel_root.pml4_phys is set)
 *  3. x86_init_cpu(stacks) M2: guarded IST and IRQ stacks take the static ones' place.
 *  4. lapic_init(), ioapic_init() through core's irq_init(); first `sti` after that.
 *  5. x86_pin()           before .data.ro_after_init becomes read-only: pins CR0 and CR4.
 *  6. x86_seal()          after the last selftest: no exception can be expected any more.
 */
#include "kernel/lib/types.h"

/* Tops (exclusive ends, 16-byte aligned) of stacks with guard pages both sides; tss: a page of its
 * own with guards, or NULL to keep the static one. */
struct cpu_stacks {
	void *df, *nmi, *mc, *db, *irq;
	void *tss;
};

struct cpu;

void x86_init_early(void);
void x86_init_cpu(const struct cpu_stacks *stacks);
/* Gives a CPU that does not run its stacks and, through them, its own head. */
void x86_set_stacks(struct cpu *cpu, const struct cpu_stacks *stacks);
/* On a further CPU, GS set, on its own stack: what 1 and 3 are on the first. */
void x86_start_cpu(void);
void x86_pin(void);
void x86_seal(void);
