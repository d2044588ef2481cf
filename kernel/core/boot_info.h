/* SPDX-License-Identifier: BSD-2-Clause */
#pragma once
/* What every door tells the kernel, in one form; nothing after the doors knows which one it was. */
#include "kernel/lib/types.h"

#include "kernel/core/cmdline.h"
#include "kernel/core/framebuffer.h"
#include "kernel/core/memmap.h"

#define BOOT_MODULES_MAX 2
#define BOOT_RSDP_MAX    36
#define BOOT_LOW_PAGES   2

enum boot_door {
	DOOR_MULTIBOOT2 = 1,
	DOOR_PVH = 2,
	DOOR_UEFI = 3,
};

/* A file that the loader put into memory: physical address and bytes; size 0 = none. */
struct boot_module {
	uint64_t phys;
	uint64_t size;
};

struct boot_info {
	enum boot_door door;
	uint64_t image_phys;
	uint64_t image_size; /* bytes, whole pages */

	/* As the firmware says, then normalised: sorted, disjoint, kernel and modules cut out. */
	struct mem_range ranges[MEMMAP_CAPACITY];
	size_t range_count;
	size_t ranges_refused; /* entries that wrapped, had no class or did not fit */
	uint64_t ram_cut;      /* bytes of memory that no physmap has room for */
	uint64_t usable_bytes; /* type-1 memory at kernel entry */
	uint64_t low_pages;    /* BOOT_LOW_PAGES of them below 1 MiB, for starting CPUs; 0: none */

	char cmdline[CMDLINE_MAX];
	bool cmdline_cut; /* the loader's line was longer */

	struct boot_module modules[BOOT_MODULES_MAX]; /* initramfs, second initramfs */
	struct boot_framebuffer framebuffer;

	uint8_t rsdp[BOOT_RSDP_MAX]; /* a copy; rsdp_len 0 = none */
	uint32_t rsdp_len;

	uint8_t entropy[32]; /* from the firmware; entropy_len 0 = none */
	uint32_t entropy_len;
};

/* Boot-time memory: gone after the last milestone. */
struct boot_info *boot_info(void);

/* Reads physical memory through the boot tables: below 4 GiB, before M1 only. */
const void *boot_phys(uint64_t phys);

/* For the doors. Each notes what it had to refuse instead of failing. */
void boot_info_add_range(uint64_t base, uint64_t len, enum mem_class class);
void boot_info_add_cmdline(const char *text, size_t len);
void boot_info_add_module(uint64_t phys, uint64_t size);

/*
 * Normalises the ranges and cuts out the image and the modules. Called once, after the door.
 * Return: OK, or why there is no memory map to work with.
 */
enum err boot_info_finish(void);
