/* SPDX-License-Identifier: BSD-2-Clause */
#pragma once
/* Shared by mm/table.c (user half) and mm/table_kernel.c. */
#include "kernel/lib/compiler.h"

#include "kernel/x86/pti.h"
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

/* A zeroed page for a table of the kernel half, for ever; 0: no memory. */
uint64_t table_kernel_new(void);

/* The top-level table whose half ring 3 runs with, behind the one of @root. */
static inline pte_t *table_second(uint64_t pml4_phys)
{
	return table_at(pml4_phys + PTI_ROOT_BIT);
}

/* Both of a pair have the same user half: @entry of the first has been written. */
static inline void table_top_changed(const struct root *root, const pte_t *entry)
{
	if (unlikely(pti_on))
		WRITE_ONCE(table_second(
				   root->pml4_phys)[((uint64_t)entry & PAGE_MASK) / sizeof(pte_t)],
			   READ_ONCE(*entry));
}

/* An empty table's frame: from those kept for reuse, else zeroed. NULL: no memory. */
struct frame *table_frame_alloc(void);
