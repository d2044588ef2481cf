/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * From the boot tables to the final ones: the image by the rights of its parts, the physmap over
 * RAM only, the frame database. Everything is built through the boot physmap and then loaded at
 * once, so that there is no moment with more rights than the final ones.
 */
#include "mm/init.h"

#include "kernel/lib/bits.h"

#include "kernel/core/boot_info.h"
#include "kernel/core/kasan.h"
#include "kernel/core/log.h"
#include "kernel/core/panic.h"
#include "kernel/x86/desc.h"
#include "kernel/x86/pti.h"
#include "kernel/x86/root.h"
#include "kernel/x86/sections.h"
#include "mm/boot_alloc.h"
#include "mm/frame_init.h"
#include "mm/kstack.h"
#include "mm/pti_map.h"
#include "mm/shadow_map.h"
#include "mm/slab.h"
#include "mm/slab_internal.h"
#include "mm/table_internal.h"

#define RIGHTS_RX (PTE_G)
#define RIGHTS_R  (PTE_G | PTE_NX)
#define RIGHTS_RW (PTE_G | PTE_NX | PTE_W)

static __ro_after_init uint64_t image_phys;

struct image_part {
	const char *start;
	const char *end;
	pte_t rights;
};

static uint64_t image_phys_of(const char *at)
{
	return image_phys + (uint64_t)(at - image_start);
}

static void map_or_panic(uint64_t va, uint64_t pa, uint64_t len, pte_t rights, bool large)
{
	if (len != 0 && table_map_kernel(va, phys(pa), len, rights, large) != OK)
		panic("mm: cannot map %#lx bytes at %#lx", len, va);
}

static void map_image(void)
{
	const struct image_part parts[] = {
		{image_start, init_text_start, RIGHTS_R},
		{init_text_start, init_text_end, RIGHTS_RX},
		{init_rodata_start, init_rodata_end, RIGHTS_R},
		{init_data_start, init_data_end, RIGHTS_RW},
		{text_start, text_end, RIGHTS_RX},
		{rodata_start, rodata_end, RIGHTS_R},
		{data_start, data_end, RIGHTS_RW},
		{ksyms_start, image_end, RIGHTS_R},
	};

	for (size_t i = 0; i < ARRAY_SIZE(parts); i++)
		map_or_panic((uint64_t)parts[i].start, image_phys_of(parts[i].start),
			     (uint64_t)(parts[i].end - parts[i].start), parts[i].rights, false);
}

/* RAM outside the image, in large pages where it is aligned. */
static void map_ram(uint64_t base, uint64_t end, pte_t rights, bool large)
{
	if (base < end)
		map_or_panic(layout.physmap + base, base, end - base, rights, large);
}

/* The image's alias: 4 KiB leaves, since its parts get other rights when boot is over. */
static void map_image_alias(void)
{
	map_ram(image_phys, image_phys_of(init_data_start), RIGHTS_R, false);
	map_ram(image_phys_of(init_data_start), image_phys_of(init_data_end), RIGHTS_RW, false);
	map_ram(image_phys_of(text_start), image_phys_of(rodata_end), RIGHTS_R, false);
	map_ram(image_phys_of(data_start), image_phys_of(data_end), RIGHTS_RW, false);
	map_ram(image_phys_of(ksyms_start), image_phys_of(image_end), RIGHTS_R, false);
}

static bool is_ram(const struct mem_range *range)
{
	return range->class == MEM_USABLE || range->class == MEM_INITRD || range->class == MEM_BOOT;
}

/* Neighbouring ranges of RAM are mapped as one, so that large pages fit. */
static void map_physmap(const struct mem_range *ranges, size_t count)
{
	for (size_t i = 0; i < count;) {
		uint64_t base = ranges[i].base;
		uint64_t end = ranges[i].end;
		bool ram = is_ram(&ranges[i]);

		for (i++; ram && i < count && ranges[i].base == end && is_ram(&ranges[i]); i++)
			end = ranges[i].end;
		if (ram)
			map_ram(MAX(base, PAGE_SIZE), end, RIGHTS_RW, true);
	}
	map_image_alias();
}

static void make_top_level(pte_t *top, uint64_t address)
{
	pte_t *entry = &top[level_index(address, TABLE_LEVELS)];

	if (!(*entry & PTE_P))
		*entry = boot_alloc_page().raw | PTE_P | PTE_W;
}

/* Top-level entries never change once roots copy them: make those of the regions that grow. A
 * region may lie across the end of one. */
static void fill_top_level(void)
{
	const uint64_t regions[] = {layout.heap, layout.stacks, layout.devices};
	pte_t *top = table_at(kernel_root.pml4_phys);

	for (size_t i = 0; i < ARRAY_SIZE(regions); i++) {
		make_top_level(top, regions[i]);
		make_top_level(top, regions[i] + LAYOUT_REGION_SIZE - 1);
		if (CONFIG_SAN) {
			make_top_level(top, (uint64_t)shadow_of(regions[i]));
			make_top_level(top,
				       (uint64_t)shadow_of(regions[i] + LAYOUT_REGION_SIZE - 1));
		}
	}
}

void mm_init(const struct boot_info *boot)
{
	image_phys = boot->image_phys;
	boot_alloc_begin(boot);
	/* Never the second of a pair: what comes from ring 3's takes the bit off CR3. */
	do
		kernel_root.pml4_phys = boot_alloc_page().raw;
	while (kernel_root.pml4_phys & PTI_ROOT_BIT);
	fill_top_level();
	map_image();
	map_physmap(boot->ranges, boot->range_count);
	frame_database_map(boot->ranges, boot->range_count);
	if (CONFIG_SAN)
		shadow_cover_stacks();
	root_switch(&kernel_root);
	frame_database_fill(boot->ranges, boot->range_count);
	if (CONFIG_SAN)
		kasan_begin();
	pti_map_image();
	log_info("mm", "%lu MiB of memory, %lu MiB free", frame_total_count() >> 8,
		 frame_free_count() >> 8);
}

/* Pages of the image's data, and their alias. */
static void protect_data(const char *start, uint64_t len, pte_t rights)
{
	table_protect_kernel(layout.physmap + image_phys_of(start), len, rights);
	table_protect_kernel((uint64_t)start, len, rights);
}

void mm_seal_ro_after_init(void)
{
	protect_data(ro_after_init_start, (uint64_t)(ro_after_init_end - ro_after_init_start),
		     RIGHTS_R);
}

void mm_protect_gdts(bool writable)
{
	protect_data((const char *)gdt_of(0), GDT_PAGES * PAGE_SIZE,
		     writable ? RIGHTS_RW : RIGHTS_R);
}

void mm_release_image(char *start, char *end)
{
	uint64_t base = image_phys_of(start);
	uint64_t len = (uint64_t)(end - start);

	ASSERT(start >= image_start && end <= image_end && start < end);
	slab_forget(start, end);
	if (CONFIG_SAN)
		shadow_poison(start, len, SHADOW_RELEASED);
	table_unmap_kernel((uint64_t)start, len);
	table_protect_kernel(layout.physmap + base, len, RIGHTS_RW);
	frame_release_range(base, base + len);
}

void mm_drain(void)
{
	kstack_drain();
	table_drain();
	slab_drain();
	frame_drain_cache();
}

bool mm_relieve(void)
{
	if (!frame_is_short())
		return false;
	mm_drain();
	return !frame_is_short();
}
