/* SPDX-License-Identifier: BSD-2-Clause */
#include "kernel/core/boot_info.h"

#include "kernel/x86/layout.h"
#include "kernel/x86/sections.h"

static struct boot_info info;

struct boot_info *boot_info(void)
{
	return &info;
}

const void *boot_phys(uint64_t phys)
{
	return (const void *)(layout.physmap + phys);
}

void boot_info_add_range(uint64_t base, uint64_t len, enum mem_class class)
{
	if (memmap_add(info.ranges, &info.range_count, MEMMAP_INPUT_MAX, base, len, class) != OK)
		info.ranges_refused++;
}

void boot_info_add_cmdline(const char *text, size_t len)
{
	if (!cmdline_append(info.cmdline, sizeof(info.cmdline), text, len))
		info.cmdline_cut = true;
}

void boot_info_add_module(uint64_t phys, uint64_t size)
{
	for (size_t i = 0; i < BOOT_MODULES_MAX; i++) {
		if (info.modules[i].size == 0) {
			info.modules[i] = (struct boot_module){.phys = phys, .size = size};
			return;
		}
	}
}

static enum err reserve(uint64_t base, uint64_t size, enum mem_class class)
{
	return memmap_reserve(info.ranges, &info.range_count, MEMMAP_CAPACITY, base, base + size,
			      class);
}

enum err boot_info_finish(void)
{
	enum err err = memmap_normalise(info.ranges, &info.range_count, MEMMAP_CAPACITY);

	if (err != OK)
		return err;
	info.usable_bytes = memmap_total(info.ranges, info.range_count, MEM_USABLE);
	info.image_size = (uint64_t)(image_end - image_start);
	err = reserve(info.image_phys, info.image_size, MEM_KERNEL);
	for (size_t i = 0; err == OK && i < BOOT_MODULES_MAX; i++)
		if (info.modules[i].size)
			err = reserve(info.modules[i].phys, info.modules[i].size, MEM_INITRD);
	return err;
}
