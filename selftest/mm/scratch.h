/* SPDX-License-Identifier: BSD-2-Clause */
#pragma once
/* A root of its own for tests: a few user pages that kernel code can be pointed at. */
#include "mm/table_internal.h"

#define SCRATCH_BASE  0x40000000ull
#define SCRATCH_PAGES 8u

struct scratch {
	struct root *root;
	struct root *before;
	struct frame *frames[SCRATCH_PAGES]; /* NULL: not mapped */
};

/* Makes a root, maps @mask's pages from SCRATCH_BASE on (bit n: page n) writable, not executable,
 * and runs on it until scratch_end(). False: no memory. */
bool scratch_begin(struct scratch *scratch, unsigned mask);
void scratch_end(struct scratch *scratch);

/* Gives page @n other rights, or takes it away (0); flushes. */
void scratch_protect(struct scratch *scratch, unsigned n, pte_t rights);

/* The kernel's view of the page, and the user address of its first byte. */
char *scratch_page(const struct scratch *scratch, unsigned n);
static inline uint64_t scratch_address(unsigned n)
{
	return SCRATCH_BASE + n * PAGE_SIZE;
}

/* The table of @level on the way to @va, which must exist. */
pte_t *scratch_table(const struct root *root, uint64_t va, unsigned level);
