/* SPDX-License-Identifier: BSD-2-Clause */
#pragma once
/*
 * Pages before the frame database exists: taken one after another from the usable ranges, the
 * lowest first, from 1 MiB up. Never given back.
 *
 * Context: boot, on the boot tables, whose physmap reaches to 4 GiB.
 */
#include "kernel/core/boot_info.h"
#include "mm/addr.h"

void boot_alloc_begin(const struct boot_info *boot);
/** A zeroed page. Panics when the machine has no more. */
phys_addr_t boot_alloc_page(void);
/** From now on tables come from the frame allocator. */
void boot_alloc_end(void);
/** Between begin and end. */
bool boot_alloc_active(void);
/** Whether the page was handed out here. */
bool boot_alloc_owns(phys_addr_t page);
