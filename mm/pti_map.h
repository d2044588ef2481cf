/* SPDX-License-Identifier: BSD-2-Clause */
#pragma once
/*
 * The kernel half of what ring 3 runs with under page-table isolation (kernel/x86/pti.h). All roots
 * share its tables, below two or three top-level entries that are there from the first on. Without
 * isolation these functions do nothing.
 */
#include "kernel/lib/errors.h"
#include "kernel/lib/types.h"

struct cpu;

/** The entry code, the IDT and the GDTs. Context: boot, behind the kernel's own tables. */
void pti_map_image(void);
/** A CPU's entry page, TSS and the tops of its IST stacks, once it has them. Panics without memory.
 */
void pti_map_cpu(const struct cpu *cpu);
/** Fill the kernel half of a second top-level table. */
void pti_fill_top(uint64_t *top);
