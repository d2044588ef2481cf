/* SPDX-License-Identifier: BSD-2-Clause */
#pragma once
/*
 * What the UEFI stub leaves for the kernel: the contract between the two programs.
 *
 * The kernel's 64-bit entry is the address in its note "Bartizan" of type 1. There: interrupts off,
 * RDI = 3 (this door), RSI = physical address of struct uefi_handover, no stack, the firmware's GDT
 * and IDT no longer mapped. CR0.WP and EFER.NXE are set, paging has four levels, and CR3 maps
 *	the kernel's segments at their link addresses, each page with the rights of its segment;
 *	physical 0 to 4 GiB at UEFI_PHYSMAP, 2 MiB leaves, not executable, and read-only where one
 *	overlaps the kernel;
 *	the page that switched the tables, 1:1, read-only and executable.
 * All physical addresses below are under 4 GiB but for rsdp_phys and fb_phys. What they point to
 *and the tables lie in memory of type EfiLoaderData: the kernel has to keep it before it uses the
 *rest.
 */
#include <stdint.h>

#define UEFI_HANDOVER_MAGIC 0x4946455554524142ull /* "BARTUEFI" */
#define UEFI_PHYSMAP        0xffff800000000000ull
#define UEFI_DOOR           3

enum uefi_fb_format {
	UEFI_FB_NONE = 0,
	UEFI_FB_BGRX = 1, /* blue in the lowest byte, 32 bits a pixel */
	UEFI_FB_RGBX = 2,
};

struct uefi_handover {
	uint64_t magic;
	uint64_t kernel_phys; /* of the link address 0xffffffff80000000, on 2 MiB */
	uint64_t kernel_size; /* bytes, whole pages */
	uint64_t initrd_phys[2], initrd_size[2]; /* whole files; size 0 = none */
	uint64_t cmdline_phys, cmdline_len;      /* without a NUL; len 0 = none */
	uint64_t rsdp_phys;                      /* 0 = none */
	uint64_t map_phys, map_size, map_stride; /* EFI memory descriptors, bytes */
	uint64_t fb_phys;
	uint32_t fb_width, fb_height;                    /* pixels */
	uint32_t fb_pitch, fb_format;                    /* bytes a line, enum uefi_fb_format */
	uint64_t loader_tables_phys, loader_tables_size; /* the page tables in CR3 */
	uint8_t entropy[32];
	uint32_t entropy_len; /* 0 = the firmware has no generator */
	uint32_t reserved;    /* zero */
};

_Static_assert(sizeof(struct uefi_handover) == 184, "both programs agree on this layout");
