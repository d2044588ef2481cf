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

void boot_alloc_begin(const struct mem_range *ranges, size_t count)
{
	next_range = ranges;
	ranges_left = count;
	cursor = FIRST_ADDRESS;
	active = true;
}

phys_addr_t boot_alloc_page(void)
{
	ASSERT(active);
	while (ranges_left != 0 && (next_range->class != MEM_USABLE || next_range->end <= cursor)) {
		next_range++;
		ranges_left--;
	}
	if (ranges_left == 0)
		panic("mm: this machine has too little memory");
	phys_addr_t page = phys(MAX(cursor, next_range->base));
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
	return page.raw >= FIRST_ADDRESS && page.raw < cursor;
}
