/* SPDX-License-Identifier: BSD-2-Clause */
#pragma once
/*
 * SAN builds: one byte says of each eight bytes of the kernel half whether they may be accessed. 0:
 * all may; 1 to 7: so many of the first; a mark: none, and why. The compiler's code writes the
 * marks of stacks itself, by the same SHADOW_OFFSET (GNUmakefile). It fills the window of
 * layout.heap, where nothing is mapped yet.
 */
#include "kernel/lib/san.h"
#include "kernel/lib/types.h"

#include "kernel/x86/layout.h"

#define SHADOW_OFFSET  0xdfffe00000000000ull
#define SHADOW_SHIFT   3
#define SHADOW_GRANULE (1ull << SHADOW_SHIFT)
#define SHADOW_START   ((KERNEL_HALF_START >> SHADOW_SHIFT) + SHADOW_OFFSET)
#define SHADOW_END     (SHADOW_START + (1ull << (47 - SHADOW_SHIFT)))

enum shadow_mark {
	SHADOW_RELEASED = 0xe0, /* the image's part for boot, which is gone */
	SHADOW_WINDOW = 0xe1,   /* beside a window on device memory */
	SHADOW_DEAD_STACK = 0xe2,
	SHADOW_STACK_LEFT = 0xf1,
	SHADOW_STACK_BETWEEN = 0xf2,
	SHADOW_STACK_RIGHT = 0xf3,
	SHADOW_STACK_SCOPE = 0xf8,
	SHADOW_GLOBAL = 0xf9,
	SHADOW_OBJECT_FREE = 0xfb,
	SHADOW_OBJECT_END = 0xfc,
	SHADOW_BLOCK_END = 0xfe,
	SHADOW_FRAME_FREE = 0xff,
};

static inline uint8_t *shadow_of(uint64_t address)
{
	return (uint8_t *)((address >> SHADOW_SHIFT) + SHADOW_OFFSET); /* NOLINT */
}

static inline bool shadow_holds(uint64_t address)
{
	return address >= SHADOW_START && address < SHADOW_END;
}

/** Nothing of [@at, @at + @len) may be accessed; @at is a multiple of 8, @len is rounded up. */
void shadow_poison(const void *at, uint64_t len, enum shadow_mark mark);
/** All of [@at, @at + @len) may be, and of its last eight bytes no more; @at is a multiple of 8. */
void shadow_open(const void *at, uint64_t len);

/** Put one page behind all shadow, until mm has its own. Context: boot, before any other C code. */
void shadow_begin(void);
