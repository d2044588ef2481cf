/* SPDX-License-Identifier: BSD-2-Clause */
#pragma once
/* Where the regions of the kernel half begin: drawn at each boot, and the same in all roots. */
#include "kernel/lib/bits.h"
#include "kernel/lib/types.h"

#define KERNEL_HALF_START   0xffff800000000000ull
#define LAYOUT_REGION_SIZE  GIB(512)              /* what a region may grow to, but the physmap */
#define LAYOUT_IMAGE_LINKED 0xffffffff80000000ull /* IMAGE_VIRT of boot/kernel.ld */
#define LAYOUT_IMAGE_MAX    MIB(16)               /* as much as boot/kernel.ld lets it have */

enum layout_region {
#define REGION(name, unmoved, window, gib, step, holds) LAYOUT_##name,
#include "kernel/x86/layout.def"
#undef REGION
	LAYOUT_REGIONS,
};

struct layout {
#define REGION(name, unmoved, window, gib, step, holds) uint64_t name;
#include "kernel/x86/layout.def"
#undef REGION
};
static_assert(sizeof(struct layout) == LAYOUT_REGIONS * sizeof(uint64_t), "one base a region");

/* Written before the image has moved, and never afterwards. */
extern struct layout layout;

/** Where RAM must end: the physmap's window has room for no more. */
uint64_t layout_ram_max(void);

/** How many bases a region may have on a machine whose RAM ends at @ram_end; at least one. */
uint64_t layout_places(enum layout_region region, uint64_t ram_end);

/**
 * Bases out of one random word a region. Pure. Boot only.
 *
 * @ram_end: the first physical address behind all RAM.
 */
struct layout layout_draw(const uint64_t random[LAYOUT_REGIONS], uint64_t ram_end);
