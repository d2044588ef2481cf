/* SPDX-License-Identifier: BSD-2-Clause */
#include "kernel/lib/bits.h"
#include "kernel/lib/string.h"

#include "boot/doors.h"
#include "boot/pvh/display.h"
#include "kernel/core/boot_info.h"

/* Xen's public/arch-x86/hvm/start_info.h: the PVH boot protocol, version 1. */
#define START_INFO_MAGIC 0x336ec578

struct start_info {
	uint32_t magic;
	uint32_t version;
	uint32_t flags;
	uint32_t module_count;
	uint64_t modules_phys;
	uint64_t cmdline_phys;
	uint64_t rsdp_phys;
	uint64_t map_phys; /* version 1 and later */
	uint32_t map_count;
	uint32_t reserved;
};
static_assert(sizeof(struct start_info) == 56, "start_info.h");

struct start_module {
	uint64_t phys;
	uint64_t size;
	uint64_t cmdline_phys;
	uint64_t reserved;
};
static_assert(sizeof(struct start_module) == 32, "start_info.h");

struct start_map_entry {
	uint64_t base;
	uint64_t len;
	uint32_t type;
	uint32_t reserved;
};
static_assert(sizeof(struct start_map_entry) == 24, "start_info.h");

static bool readable(uint64_t phys, uint64_t len)
{
	return phys && phys < GIB(4) && len <= GIB(4) - phys;
}

static void add_modules(const struct start_info *start)
{
	const struct start_module *modules = boot_phys(start->modules_phys);

	if (!readable(start->modules_phys, start->module_count * sizeof(*modules)))
		return;
	for (uint32_t i = 0; i < start->module_count; i++)
		boot_info_add_module(modules[i].phys, modules[i].size);
}

static void add_map(const struct start_info *start)
{
	const struct start_map_entry *map = boot_phys(start->map_phys);

	if (!readable(start->map_phys, start->map_count * sizeof(*map)))
		return;
	for (uint32_t i = 0; i < start->map_count; i++)
		boot_info_add_range(map[i].base, map[i].len, memmap_class_of_e820(map[i].type));
}

enum err door_pvh(uint64_t info_phys)
{
	struct boot_info *info = boot_info();
	const struct start_info *start = boot_phys(info_phys);

	if (!readable(info_phys, sizeof(*start)) || start->magic != START_INFO_MAGIC)
		return ERR_INVAL;
	if (start->version < 1)
		return ERR_NODATA;
	add_map(start);
	add_modules(start);
	if (readable(start->cmdline_phys, CMDLINE_MAX)) {
		const char *line = boot_phys(start->cmdline_phys);
		boot_info_add_cmdline(line, strnlen(line, 2ul * CMDLINE_MAX));
	}
	if (readable(start->rsdp_phys, BOOT_RSDP_MAX)) {
		memcpy(info->rsdp, boot_phys(start->rsdp_phys), BOOT_RSDP_MAX);
		info->rsdp_len = BOOT_RSDP_MAX;
	}
	display_find(&info->framebuffer);
	return OK;
}
