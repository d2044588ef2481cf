/* SPDX-License-Identifier: BSD-2-Clause */
#pragma once
#include <stdbool.h>
#include <stdint.h>

/* Whether the processor can enter a kernel by four-level tables with no-execute pages. */
bool jump_has_no_execute(void);
bool jump_has_five_levels(void);

/*
 * Switch to the kernel's tables and go. Lies in one page, which the new tables map 1:1. Hidden: its
 * address would be taken through a global offset table, which a PE file does not have.
 */
__attribute__((visibility("hidden"))) _Noreturn void
jump_to_kernel(uint64_t root, uint64_t handover, uint64_t entry);
