/* SPDX-License-Identifier: BSD-2-Clause */
#pragma once
/* The kernel's ELF file, and the kernel as it lies in memory. */
#include "boot/uefi/firmware.h"

enum { KERNEL_SEGMENTS_MAX = 16 };

/* A loaded segment, as whole pages. */
struct kernel_segment {
	uint64_t virt, phys;
	uint64_t pages;
	bool write, execute;
};

struct kernel_image {
	uint64_t phys, size; /* of link address KERNEL_BASE; whole pages */
	uint64_t entry;      /* virtual */
	uint32_t segment_count;
	struct kernel_segment segments[KERNEL_SEGMENTS_MAX];
};

/* Load the file on a 2 MiB boundary below 4 GiB. Says so when it is not a kernel of ours. */
uint64_t kernel_load(const struct firmware *firmware, const struct buffer *file,
		     struct kernel_image *kernel);
