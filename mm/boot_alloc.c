/* SPDX-License-Identifier: BSD-2-Clause */
#include "mm/boot_alloc.h"

#include "kernel/lib/assert.h"
#include "kernel/lib/bits.h"
#include "kernel/lib/string.h"

#include "kernel/core/panic.h"

#define FIRST_ADDRESS MIB(1)
#define BOOT_PHYSMAP  GIB(4)

static const struct mem_range *next_range;
static size_t ranges_left;
static uint64_t cursor;
static bool active;
/* The boot tables' large pages that overlap the image are read-only: nothing is taken there. */
static uint64_t image_leaf_start, image_leaf_end;

void boot_alloc_begin(const struct boot_info *boot)
{
	next_range = boot->ranges;
	ranges_left = boot->range_count;
	image_leaf_start = align_down(boot->image_phys, MIB(2));
	image_leaf_end = align_up(boot->image_phys + boot->image_size, MIB(2));
	cursor = FIRST_ADDRESS;
	active = true;
}

/* The next usable address at or above the cursor. */
static uint64_t next_usable(void)
{
	while (ranges_left != 0 && (next_range->class != MEM_USABLE || next_range->end <= cursor)) {
		next_range++;
		ranges_left--;
	}
	if (ranges_left == 0)
		panic("mm: this machine has too little memory");
	return MAX(cursor, next_range->base);
}

static bool in_image_leaf(uint64_t address)
{
	return address >= image_leaf_start && address < image_leaf_end;
}

phys_addr_t boot_alloc_page(void)
{
	ASSERT(active);
	cursor = next_usable();
	while (in_image_leaf(cursor)) {
		cursor = image_leaf_end;
		cursor = next_usable();
	}
	phys_addr_t page = phys(cursor);
	if (page.raw >= BOOT_PHYSMAP)
		panic("mm: no memory below 4 GiB");
	cursor = page.raw + PAGE_SIZE;
	memset(phys_to_virt(page), 0, PAGE_SIZE);
	return page;
}

void boot_alloc_end(void)
{
	active = false;
}

bool boot_alloc_active(void)
{
	return active;
}

bool boot_alloc_owns(phys_addr_t page)
{
	return page.raw >= FIRST_ADDRESS && page.raw < cursor && !in_image_leaf(page.raw);
}
