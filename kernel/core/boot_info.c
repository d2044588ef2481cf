/* SPDX-License-Identifier: BSD-2-Clause */
#include "kernel/core/boot_info.h"

#include "kernel/lib/bits.h"

#include "kernel/x86/layout.h"
#include "kernel/x86/sections.h"

#define LOW_END   0x100000ull
#define LOW_BYTES (BOOT_LOW_PAGES * 4096ull)

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

/* The highest ones: what firmware leaves lying about is low. Page 0 is nobody's. */
static uint64_t find_low_pages(void)
{
	uint64_t found = 0;

	for (size_t i = 0; i < info.range_count; i++) {
		const struct mem_range *range = &info.ranges[i];
		uint64_t end = MIN(range->end, LOW_END);

		if (range->class == MEM_USABLE && end >= MAX(range->base, 4096) + LOW_BYTES)
			found = end - LOW_BYTES;
	}
	return found;
}

enum err boot_info_finish(void)
{
	enum err err = memmap_normalise(info.ranges, &info.range_count, MEMMAP_CAPACITY);

	if (err != OK)
		return err;
	info.ram_cut = memmap_cut(info.ranges, &info.range_count, layout_ram_max());
	info.usable_bytes = memmap_total(info.ranges, info.range_count, MEM_USABLE);
	info.image_size = (uint64_t)(image_end - image_start);
	err = reserve(info.image_phys, info.image_size, MEM_KERNEL);
	for (size_t i = 0; err == OK && i < BOOT_MODULES_MAX; i++)
		if (info.modules[i].size)
			err = reserve(info.modules[i].phys, info.modules[i].size, MEM_INITRD);
	if (err != OK)
		return err;
	info.low_pages = find_low_pages();
	return info.low_pages ? reserve(info.low_pages, LOW_BYTES, MEM_BOOT) : OK;
}
