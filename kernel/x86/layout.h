/* SPDX-License-Identifier: BSD-2-Clause */
#pragma once
/*
 * Where the regions of the kernel half begin. Every base is a variable, written during boot only;
 * each region has its own top-level entry (512 GiB), so that roots share them for ever.
 */
#include "kernel/lib/types.h"

#define KERNEL_HALF_START  0xffff800000000000ull
#define LAYOUT_REGION_SIZE (1ull << 39)

struct layout {
	uint64_t image;   /* virtual address of image_start */
	uint64_t physmap; /* all RAM: virtual = physmap + physical */
	uint64_t frames;  /* the frame database */
	uint64_t heap;    /* large kernel allocations */
	uint64_t stacks;  /* kernel stacks with their guards */
	uint64_t devices; /* MMIO */
};

extern struct layout layout;
