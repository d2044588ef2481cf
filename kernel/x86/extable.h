/* SPDX-License-Identifier: BSD-2-Clause */
#pragma once
/* The exception table: the exact instructions of usercopy.asm that may fault, and where each goes
 * on. */
#include "kernel/lib/types.h"

struct extable_entry {
	int32_t fault; /* relative to this field's own address */
	int32_t fixup; /* likewise */
};

/* The address to go on at for a fault at exactly `rip`, or 0. Context: any. O(log n). */
uint64_t extable_find(uint64_t rip);
/* The same in a table of the caller's, for tests. */
uint64_t extable_search(const struct extable_entry *table, size_t count, uint64_t rip);
/* Sorted, no doubles, every address in the usercopy section. */
bool extable_valid(void);
