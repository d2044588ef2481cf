/* SPDX-License-Identifier: BSD-2-Clause */
/* P-M1-12: the bases of the kernel half, by the tables that the CPU uses and by what was drawn. */
#include "kernel/lib/san.h"

#include "kernel/core/boot_info.h"
#include "kernel/core/cmdline.h"
#include "kernel/x86/layout.h"
#include "kernel/x86/root.h"
#include "kernel/x86/sections.h"
#include "kernel/x86/shadow.h"
#include "mm/kstack.h"
#include "mm/table_internal.h"
#include "mm/walker.h"
#include "selftest/selftest.h"

extern const char milestones_start[], test_programs_end[], state_digest_end[];

static uint64_t slide(void)
{
	return (uint64_t)image_start - LAYOUT_IMAGE_LINKED;
}

static bool is_linked_address(uint64_t word)
{
	return word - LAYOUT_IMAGE_LINKED < (uint64_t)(image_end - image_start);
}

/* Whether none of these words, between variables too, names the place that the image was linked
 * for. */
static __unchecked_memory bool is_free_of_links(const char *start, const char *end)
{
	for (; start + 8 <= end; start += 8)
		if (is_linked_address(*(const uint64_t *)(const void *)start))
			return false;
	return true;
}

/* Of the read-only data not the notes, which the UEFI stub reads, nor test programs, which attack
 * that place; of the boot's data not its first stack and tables. */
SELFTEST(M1, 12, no_address_is_left_as_linked)
{
	struct cmdline_word word;
	bool stays = cmdline_find(boot_info()->cmdline, "nokaslr", &word);

	CHECK(stays == (slide() == 0));
	if (stays)
		return true;
	CHECK(is_linked_address(*(const uint64_t *)(const void *)relr_start));
	CHECK(is_free_of_links(milestones_start, test_programs_end));
	CHECK(is_free_of_links(init_data_start, boot_tables));
	CHECK(is_free_of_links(rodata_start, state_digest_end));
	CHECK(is_free_of_links(data_start, data_end));
	return true;
}

static bool nothing(const struct walk_leaf *leaf, void *arg)
{
	(void)leaf;
	(void)arg;
	return false;
}

SELFTEST(M1, 12, nothing_is_where_it_was_linked)
{
	CHECK(slide() == 0 || walk_root(&kernel_root, LAYOUT_IMAGE_LINKED, 0, nothing, NULL));
	return true;
}

struct distance {
	uint64_t bytes;  /* from physical to virtual addresses */
	uint64_t leaves; /* that keep it */
};

static bool keeps_distance(const struct walk_leaf *leaf, void *arg)
{
	struct distance *distance = arg;

	distance->leaves++;
	return leaf->va - leaf->pa == distance->bytes;
}

static bool is_in_region(const struct walk_leaf *leaf, void *arg)
{
	const uint64_t *base = (const uint64_t *)&layout;

	for (unsigned i = 0; i < LAYOUT_REGIONS; i++) {
		uint64_t size = i == LAYOUT_image     ? (uint64_t)(image_end - image_start)
				: i == LAYOUT_stacks  ? (uint64_t)KSTACK_LIMIT * KSTACK_STEP
				: i == LAYOUT_physmap ? ram_end
						      : LAYOUT_REGION_SIZE;
		((uint64_t *)arg)[i] += leaf->va - base[i] < size;
		if (leaf->va - base[i] < size)
			return true;
	}
	return CONFIG_SAN && shadow_holds(leaf->va);
}

SELFTEST(M1, 12, regions_are_where_the_tables_say, .needs = M2)
{
	struct distance image = {.bytes = layout.image - boot_info()->image_phys};
	struct distance physmap = {.bytes = layout.physmap};
	uint64_t leaves[LAYOUT_REGIONS] = {0};

	CHECK(layout.image == (uint64_t)image_start);
	CHECK(walk_root(&kernel_root, layout.image, 0, keeps_distance, &image));
	CHECK(walk_root(&kernel_root, KERNEL_HALF_START, layout.frames, keeps_distance, &physmap));
	CHECK(image.leaves >= (uint64_t)(text_end - text_start) / PAGE_SIZE && physmap.leaves > 0);
	CHECK(walk_root(&kernel_root, KERNEL_HALF_START, 0, is_in_region, leaves));
	CHECK(leaves[LAYOUT_frames] > 0 && leaves[LAYOUT_stacks] > 0 && leaves[LAYOUT_devices] > 0);
	return true;
}

/* The first and the last base that a region may have. */
static struct layout edge(bool last, uint64_t end_of_ram)
{
	uint64_t random[LAYOUT_REGIONS];

	for (unsigned i = 0; i < LAYOUT_REGIONS; i++)
		random[i] = last ? layout_places(i, end_of_ram) - 1 : 0;
	return layout_draw(random, end_of_ram);
}

static bool is_inside(uint64_t base, uint64_t first, uint64_t last, uint64_t step)
{
	return base >= first && base <= last && is_aligned(base, step);
}

SELFTEST(M1, 12, bases_are_in_their_windows)
{
	struct layout first = edge(false, ram_end), last = edge(true, ram_end);

	CHECK(slide() == 0 || is_inside(layout.image, first.image, last.image, MIB(2)));
	CHECK(is_inside(layout.physmap, first.physmap, last.physmap, GIB(1)));
	CHECK(is_inside(layout.frames, first.frames, last.frames, MIB(2)));
	CHECK(is_inside(layout.heap, first.heap, last.heap, MIB(2)));
	CHECK(is_inside(layout.stacks, first.stacks, last.stacks, MIB(2)));
	CHECK(is_inside(layout.devices, first.devices, last.devices, MIB(2)));
	return true;
}

/* Whatever the machine has: as much room as a region may need, and no other region in it. */
static bool windows_hold(uint64_t end_of_ram)
{
	struct layout first = edge(false, end_of_ram), last = edge(true, end_of_ram);

	CHECK(last.physmap + end_of_ram <= first.frames);
	CHECK(last.frames + end_of_ram / PAGE_SIZE * 64 <= first.heap);
	CHECK(last.heap + LAYOUT_REGION_SIZE <= first.devices);
	CHECK(last.devices + LAYOUT_REGION_SIZE <= first.stacks);
	CHECK(last.stacks + LAYOUT_REGION_SIZE <= first.image);
	CHECK(last.image + LAYOUT_IMAGE_MAX <= align_down(LAYOUT_IMAGE_LINKED, GIB(1)));
	return true;
}

SELFTEST(M1, 12, windows_are_wide_enough)
{
	const uint64_t ends[] = {MIB(64), GIB(8), GIB(512), GIB(1 << 15)};

	CHECK((uint64_t)(image_end - image_start) <= LAYOUT_IMAGE_MAX);
	for (size_t i = 0; i < ARRAY_SIZE(ends); i++) {
		CHECK(windows_hold(ends[i]));
		CHECK(layout_places(LAYOUT_image, ends[i]) >= BIT(9));
		CHECK(layout_places(LAYOUT_physmap, ends[i]) >= BIT(15));
		CHECK(layout_places(LAYOUT_stacks, ends[i]) >= BIT(12));
	}
	CHECK(layout_places(LAYOUT_physmap, BIT(52)) == 1); /* a lie: no room at all */
	return true;
}

/* Roots copy the top level once: what grows later must find its entries there. */
SELFTEST(M1, 12, growing_regions_have_their_top_entries)
{
	const uint64_t growing[] = {layout.heap, layout.stacks, layout.devices};
	const pte_t *top = table_at(kernel_root.pml4_phys);

	for (size_t i = 0; i < ARRAY_SIZE(growing); i++) {
		uint64_t last = growing[i] + LAYOUT_REGION_SIZE - 1;

		CHECK(top[level_index(growing[i], TABLE_LEVELS)] & PTE_P);
		CHECK(top[level_index(last, TABLE_LEVELS)] & PTE_P);
	}
	return true;
}
