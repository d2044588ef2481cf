/* SPDX-License-Identifier: BSD-2-Clause */
#pragma once
/*
 * Page-table isolation, against Meltdown: ring 3 runs with a top-level table of its own whose
 * kernel half holds only what entering the kernel needs (pti_entry.asm). Each space has a pair of
 * tables, the kernel's first; both have the same user half. Global pages and PCIDs are off
 * meanwhile: each change of the pair's half forgets the other's translations, so shoot-downs need
 * nothing more.
 */
#include "kernel/lib/types.h"

/* In CR3: the second of the pair. */
#define PTI_ROOT_BIT 0x1000u

/* Decided at boot, for good. */
extern bool pti_on;

/* It is to be on: mm makes pairs of tables. Context: boot, before the kernel's own tables. */
void pti_choose(void);
/* If so: entries, exits and this CPU's registers are those of isolation from now on. Context: boot,
 * the first CPU alone, on the kernel's own tables, before ring 3 ran and before CR0 is pinned. */
void pti_enable(void);

/* Whether this CPU enters by the isolating code, read from its registers and the IDT. */
bool pti_is_on_here(void);

extern char pti_text_start[], pti_text_end[];
