/* SPDX-License-Identifier: BSD-2-Clause */
#pragma once
/*
 * Windows on physical addresses that the physmap does not cover: device registers, firmware
 * tables. Never executable.
 *
 * Context: boot and threads; may allocate page tables.
 */
#include "mm/addr.h"

enum kmap_kind {
	KMAP_DEVICE,   /* read and write, uncached */
	KMAP_READONLY, /* cached, read only: firmware tables */
	KMAP_FRAMES,   /* write-combining where the CPU can: frame buffers */
};

/**
 * Map [@at, @at + @len), any alignment.
 *
 * Return: the kernel's address of @at, or NULL (no memory, empty or wrapping range, or a range
 *         that holds RAM of ours for anything but KMAP_READONLY).
 */
void *kmap(phys_addr_t at, uint64_t len, enum kmap_kind kind) __must_check;
/** Take a window away again; @pointer and @len as for kmap(). */
void kunmap(void *pointer, uint64_t len);
