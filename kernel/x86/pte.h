/* SPDX-License-Identifier: BSD-2-Clause */
#pragma once
/* Page-table entry bits: SDM vol 3, 4.5. */
#include "kernel/lib/bits.h"

#define PTE_P       BIT(0)
#define PTE_W       BIT(1)
#define PTE_U       BIT(2)
#define PTE_PWT     BIT(3)
#define PTE_PCD     BIT(4)
#define PTE_A       BIT(5)
#define PTE_D       BIT(6)
#define PTE_LARGE   BIT(7) /* in a PDPTE or PDE */
#define PTE_PAT     BIT(7) /* in a PTE */
#define PTE_G       BIT(8)
#define PTE_SOFT0   BIT(9)
#define PTE_SOFT1   BIT(10)
#define PTE_SOFT2   BIT(11)
#define PTE_PAT_BIG BIT(12) /* in a large leaf */
#define PTE_NX      BIT(63)
#define PTE_ADDR    0x000ffffffffff000ull

#define PAGE_SHIFT 12
#define PAGE_SIZE  4096ull
#define PAGE_MASK  (PAGE_SIZE - 1)
#define PTE_COUNT  512u

/* Device memory: uncached. PAT entry 4 (PTE_PAT alone) is write-combining, see regs.h. */
#define PTE_UC (PTE_PCD | PTE_PWT)
#define PTE_WC PTE_PAT
