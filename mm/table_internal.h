/* SPDX-License-Identifier: BSD-2-Clause */
#pragma once
/* Shared by mm/table.c (user half) and mm/table_kernel.c. */
#include "kernel/x86/root.h"
#include "mm/frame.h"
#include "mm/table.h"

#define TABLE_LEVELS 4
#define LEVEL_SHIFT  9
#define PML4_KERNEL  256u /* first top-level entry of the kernel half */

/* Bytes that one entry of a table at @level (1: leaves of 4 KiB) stands for. */
static inline uint64_t level_size(unsigned level)
{
	return PAGE_SIZE << (LEVEL_SHIFT * (level - 1));
}

static inline unsigned level_index(uint64_t va, unsigned level)
{
	return (unsigned)(va >> (PAGE_SHIFT + LEVEL_SHIFT * (level - 1))) & (PTE_COUNT - 1);
}

static inline pte_t *table_at(uint64_t entry)
{
	return phys_to_virt(phys(entry & PTE_ADDR));
}

/* An empty table's frame: from those kept for reuse, else zeroed. NULL: no memory. */
struct frame *table_frame_alloc(void);
