/* SPDX-License-Identifier: BSD-2-Clause */
/* The kernel's side of the UEFI door: what our stub left, boot/uefi/handover.h. */
#include "kernel/lib/bits.h"
#include "kernel/lib/string.h"

#include "boot/doors.h"
#include "boot/uefi/handover.h"
#include "kernel/core/boot_info.h"

/* UEFI specification 2.10, 7.2: memory types and the descriptor. */
enum efi_memory_type {
	EFI_LOADER_CODE = 1,
	EFI_LOADER_DATA = 2,
	EFI_BOOT_SERVICES_CODE = 3,
	EFI_BOOT_SERVICES_DATA = 4,
	EFI_CONVENTIONAL = 7,
	EFI_UNUSABLE = 8,
	EFI_ACPI_RECLAIM = 9,
	EFI_ACPI_NVS = 10,
};

struct efi_descriptor {
	uint32_t type;
	uint32_t reserved;
	uint64_t phys;
	uint64_t virt;
	uint64_t pages;
	uint64_t attributes;
};

static enum mem_class class_of(uint32_t type)
{
	switch (type) {
	case EFI_LOADER_CODE:
	case EFI_BOOT_SERVICES_CODE:
	case EFI_BOOT_SERVICES_DATA:
	case EFI_CONVENTIONAL:
		return MEM_USABLE;
	case EFI_LOADER_DATA:
		return MEM_BOOT;
	case EFI_UNUSABLE:
		return MEM_BAD;
	case EFI_ACPI_RECLAIM:
		return MEM_ACPI_RECLAIM;
	case EFI_ACPI_NVS:
		return MEM_ACPI_NVS;
	default:
		return MEM_RESERVED;
	}
}

static bool readable(uint64_t phys, uint64_t len)
{
	return phys && phys < GIB(4) && len <= GIB(4) - phys;
}

static enum err add_map(const struct uefi_handover *handover)
{
	uint64_t stride = handover->map_stride;

	if (stride < sizeof(struct efi_descriptor) ||
	    !readable(handover->map_phys, handover->map_size))
		return ERR_INVAL;
	for (uint64_t at = 0; at + stride <= handover->map_size; at += stride) {
		const struct efi_descriptor *entry = boot_phys(handover->map_phys + at);
		uint64_t pages = MIN(entry->pages, MEMMAP_ADDRESS_END >> 12);
		boot_info_add_range(entry->phys, pages << 12, class_of(entry->type));
	}
	return OK;
}

static void add_framebuffer(const struct uefi_handover *handover)
{
	bool bgrx = handover->fb_format == UEFI_FB_BGRX;

	if (handover->fb_format == UEFI_FB_NONE)
		return;
	boot_info()->framebuffer = (struct boot_framebuffer){
		.phys = handover->fb_phys,
		.width = handover->fb_width,
		.height = handover->fb_height,
		.pitch = handover->fb_pitch,
		.bits_per_pixel = 32,
		.red = {bgrx ? 16 : 0, 8},
		.green = {8, 8},
		.blue = {bgrx ? 0 : 16, 8},
	};
}

static void add_entropy(const struct uefi_handover *handover)
{
	struct boot_info *info = boot_info();

	info->entropy_len = MIN(handover->entropy_len, (uint32_t)sizeof(info->entropy));
	memcpy(info->entropy, handover->entropy, info->entropy_len);
}

enum err door_uefi(uint64_t info_phys)
{
	struct boot_info *info = boot_info();
	const struct uefi_handover *handover = boot_phys(info_phys);

	if (!readable(info_phys, sizeof(*handover)) || handover->magic != UEFI_HANDOVER_MAGIC)
		return ERR_INVAL;
	info->image_phys = handover->kernel_phys;
	for (size_t i = 0; i < BOOT_MODULES_MAX; i++)
		if (handover->initrd_size[i])
			boot_info_add_module(handover->initrd_phys[i], handover->initrd_size[i]);
	if (readable(handover->cmdline_phys, handover->cmdline_len))
		boot_info_add_cmdline(boot_phys(handover->cmdline_phys), handover->cmdline_len);
	if (readable(handover->rsdp_phys, BOOT_RSDP_MAX)) {
		memcpy(info->rsdp, boot_phys(handover->rsdp_phys), BOOT_RSDP_MAX);
		info->rsdp_len = BOOT_RSDP_MAX;
	}
	add_framebuffer(handover);
	add_entropy(handover);
	return add_map(handover);
}
