/* SPDX-License-Identifier: BSD-2-Clause */
#include "kernel/lib/bits.h"

#include "kernel/core/panic.h"
#include "kernel/x86/sections.h"
#include "mm/boot_alloc.h"
#include "mm/frame.h"
#include "mm/kstack.h"
#include "mm/shadow_map.h"
#include "mm/table_internal.h"

#define RIGHTS (PTE_W | PTE_NX | PTE_G)
#define STACKS 512u

static enum err cover_page(uint64_t page)
{
	struct frame *frame;
	phys_addr_t there;
	enum err err;

	if (table_kernel_phys(page, &there) == OK)
		return OK;
	if (boot_alloc_active())
		return table_map_kernel(page, boot_alloc_page(), PAGE_SIZE, RIGHTS, false);
	frame = frame_alloc(FRAME_KERNEL, FRAME_ZERO);
	if (frame == NULL)
		return ERR_NOMEM;
	err = table_map_kernel(page, frame_phys(frame), PAGE_SIZE, RIGHTS, false);
	if (err == OK)
		table_kernel_grown(1);
	else
		frame_free(frame);
	/* Another CPU may have been faster. */
	return err == ERR_EXIST ? OK : err;
}

enum err shadow_cover(uint64_t va, uint64_t len)
{
	uint64_t page = align_down((uint64_t)shadow_of(va), PAGE_SIZE);
	uint64_t end = (uint64_t)shadow_of(va + len - 1) + 1;
	enum err err = OK;

	for (; err == OK && page < end; page += PAGE_SIZE)
		err = cover_page(page);
	return err;
}

void shadow_cover_stacks(void)
{
	for (uint64_t i = 0; i < STACKS; i++)
		if (shadow_cover(layout.stacks + i * KSTACK_STEP + KSTACK_GUARD, KSTACK_SIZE) != OK)
			panic("mm: cannot map the shadow of the stacks");
}

/* The spare word of a free frame says where it was freed, as an offset in the image. */
void shadow_free_frames(struct frame *frame, unsigned order, const void *from)
{
	for (uint64_t i = 0; i < 1ull << order; i++)
		frame[i].spare_word = from ? (uint32_t)((const char *)from - image_start) : 0;
	shadow_poison(frame_virt(frame), PAGE_SIZE << order, SHADOW_FRAME_FREE);
}

void shadow_give_frames(const struct frame *frame, unsigned order)
{
	shadow_open(frame_virt(frame), PAGE_SIZE << order);
}

void shadow_window(uint64_t va, uint64_t room, uint64_t offset, uint64_t len)
{
	uint64_t first = align_down(offset, SHADOW_GRANULE);

	shadow_poison((void *)va, room, SHADOW_WINDOW);
	shadow_open((void *)(va + first), offset + len - first);
}
