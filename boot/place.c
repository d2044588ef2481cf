/* SPDX-License-Identifier: BSD-2-Clause */
#include "boot/place.h"

#include "kernel/lib/assert.h"
#include "kernel/lib/bits.h"

#include "kernel/core/boot_info.h"
#include "kernel/core/cmdline.h"
#include "kernel/core/random.h"
#include "kernel/x86/cpu.h"
#include "kernel/x86/layout.h"
#include "kernel/x86/sections.h"
#include "mm/table.h"

#define BOOT_PHYSMAP_GIB 4u
#define RELR_BITS        63u /* words that one bitmap speaks of */

/* Both regions may lie across the end of a table. The doors' tables are read only. */
static __aligned(4096) struct {
	pte_t top[PTE_COUNT];
	pte_t image_pdpt[PTE_COUNT];
	pte_t image_pd[2][PTE_COUNT];
	pte_t physmap_pdpt[2][PTE_COUNT];
} tables;

static unsigned index_of(uint64_t va, unsigned shift)
{
	return (unsigned)(va >> shift) & (PTE_COUNT - 1);
}

static pte_t entry_to(const void *table, const struct boot_info *info)
{
	return (info->image_phys + (uint64_t)((const char *)table - image_start)) | PTE_P | PTE_W;
}

/* A table of the door's. */
static const pte_t *door_table(pte_t entry)
{
	return boot_phys(entry & PTE_ADDR);
}

/* The image's page tables themselves stay: they are entered at another place. */
static void map_image(const pte_t *old_pdpt, uint64_t base, const struct boot_info *info)
{
	const pte_t *old_pd = door_table(old_pdpt[index_of(LAYOUT_IMAGE_LINKED, 30)]);
	unsigned first = index_of(base, 30);

	tables.image_pdpt[index_of(LAYOUT_IMAGE_LINKED, 30)] =
		old_pdpt[index_of(LAYOUT_IMAGE_LINKED, 30)];
	for (uint64_t at = 0; at < LAYOUT_IMAGE_MAX; at += MIB(2)) {
		pte_t *pd = tables.image_pd[index_of(base + at, 30) - first];

		tables.image_pdpt[index_of(base + at, 30)] = entry_to(pd, info);
		pd[index_of(base + at, 21)] = old_pd[index_of(LAYOUT_IMAGE_LINKED + at, 21)];
	}
	tables.top[index_of(base, 39)] = entry_to(tables.image_pdpt, info);
}

static void map_physmap(const pte_t *old_pdpt, uint64_t base, const struct boot_info *info)
{
	unsigned first = index_of(base, 39);

	for (unsigned i = 0; i < BOOT_PHYSMAP_GIB; i++) {
		uint64_t va = base + GIB(i);
		pte_t *pdpt = tables.physmap_pdpt[index_of(va, 39) - first];

		tables.top[index_of(va, 39)] = entry_to(pdpt, info);
		pdpt[index_of(va, 30)] = old_pdpt[i];
	}
}

static void build_tables(const struct layout *drawn, const struct boot_info *info)
{
	const pte_t *old = door_table(read_cr3());

	map_image(door_table(old[index_of(LAYOUT_IMAGE_LINKED, 39)]), drawn->image, info);
	map_physmap(door_table(old[index_of(layout.physmap, 39)]), drawn->physmap, info);
}

/* As the door's map says, which nobody has judged yet: a lie makes the draw poorer, no more. */
static uint64_t end_of_ram(const struct boot_info *info)
{
	uint64_t end = 0;

	for (size_t i = 0; i < info->range_count; i++) {
		const struct mem_range *range = &info->ranges[i];

		if (range->class == MEM_USABLE || range->class == MEM_BOOT)
			end = MAX(end, range->end);
	}
	return end;
}

struct place place_choose(const struct boot_info *info)
{
	struct cmdline_word word;
	uint64_t random[LAYOUT_REGIONS];
	struct layout drawn;
	struct place place;

	ASSERT((uint64_t)image_start == LAYOUT_IMAGE_LINKED);
	if (cmdline_find(info->cmdline, "nokaslr", &word))
		return (struct place){0};
	random_early(random, sizeof(random));
	drawn = layout_draw(random, end_of_ram(info));
	build_tables(&drawn, info);
	place.slide = drawn.image - layout.image;
	place.cr3 = entry_to(tables.top, info) & PTE_ADDR;
	drawn.image = layout.image; /* it will be relocated with all other addresses */
	layout = drawn;
	return place;
}

/* ELF's DT_RELR: an even word is an address, an odd one 63 bits for the words behind the last. */
void place_relocate(const uint64_t *first, const uint64_t *end, uint64_t slide)
{
	uint64_t *at = NULL;

	for (; first < end; first++) {
		if (!(*first & 1)) {
			at = (uint64_t *)*first; /* NOLINT(performance-no-int-to-ptr) */
			*at++ += slide;
			continue;
		}
		for (unsigned i = 0; i < RELR_BITS; i++)
			if (*first >> (i + 1) & 1)
				at[i] += slide; /* NOLINT: the first word is an address */
		at += RELR_BITS;
	}
}

void place_leave(void)
{
	tables.image_pdpt[index_of(LAYOUT_IMAGE_LINKED, 30)] = 0;
	write_cr3(read_cr3());
}
