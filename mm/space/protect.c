/* SPDX-License-Identifier: BSD-2-Clause */
/* mprotect(2). */
#include "kernel/lib/bits.h"

#include "kernel/x86/tlb.h"
#include "mm/space/space_internal.h"

/* What a leaf becomes; a page that nobody may touch stays, hidden. */
static pte_t protected_leaf(pte_t leaf, const struct area *area)
{
	struct frame *frame = leaf_frame(leaf);
	bool write = area->prot & PROT_WRITE && (area->flags & AREA_SHARED || frame_is_sole(frame));

	if (!(area->prot & PROT_ALL))
		return frame_phys(frame).raw | LEAF_HIDDEN;
	return leaf_of(frame, area->prot, write);
}

static void protect_leaves(struct space *space, const struct area *area)
{
	for (uint64_t addr = area->start; addr < area->end;) {
		uint64_t table_end;
		pte_t *leaf = table_chunk(space->root, addr, &table_end);
		uint64_t stop = MIN(area->end, table_end);

		for (; leaf != NULL && addr < stop; addr += PAGE_SIZE, leaf++)
			if (*leaf != 0)
				*leaf = protected_leaf(*leaf, area);
		addr = stop;
		preempt_point();
	}
	tlb_flush_range(space->root, area->start, area->end);
}

/*
 * Up to where every page of [addr, *end) belongs to an area whose file allows the rights. As on
 * Linux the part before what is in the way is changed all the same.
 */
static enum err cut_range(const struct space *space, uint64_t addr, uint64_t *end, uint32_t prot)
{
	uint64_t at = addr;
	enum err err = ERR_NOMEM;

	area_for_each_in(area, &space->areas, addr, *end)
	{
		if (area->start > at)
			break;
		if (prot & PROT_ALL & ~vm_area_of(area)->max_prot) {
			err = ERR_ACCES;
			break;
		}
		at = area->end;
	}
	if (at >= *end)
		return OK;
	*end = at;
	return err;
}

/* [addr, end) is covered by areas, and what they map allows @prot. */
static enum err protect_areas(struct space *space, uint64_t addr, uint64_t end, uint32_t prot)
{
	enum err err = vm_area_split_range(space, addr, end);

	for (uint64_t at = addr; err == OK && at < end;) {
		struct area *area = area_find(&space->areas, at);

		ASSERT(area != NULL); /* cut_range has seen it */
		at = area->end;
		if (area->prot == prot)
			continue;
		err = vm_area_set_prot(space, vm_area_of(area), prot);
		if (err == OK)
			protect_leaves(space, area);
	}
	/* Rejoin what this call made alike, and what the cuts at its ends separated. */
	for (struct area *area = area_at_or_after(&space->areas, addr - 1); area != NULL;) {
		struct vm_area *joined = vm_area_try_merge(space, vm_area_of(area));

		if (joined->area.end > end)
			break;
		area = area_next(&joined->area);
	}
	return err;
}

static enum err protect_locked(struct space *space, uint64_t addr, uint64_t end, uint32_t prot)
{
	enum err refused = cut_range(space, addr, &end, prot);
	enum err err = end > addr ? protect_areas(space, addr, end, prot) : OK;

	return err != OK ? err : refused;
}

enum err space_protect(struct space *space, uint64_t addr, uint64_t len, uint32_t prot)
{
	uint64_t end;
	enum err err;

	if (addr & PAGE_MASK || prot & ~(PROT_ALL | PROT_GROWSDOWN))
		return ERR_INVAL;
	if (len == 0)
		return OK;
	if (!pages_of_range(addr, len, &end))
		return ERR_NOMEM;
	if (space_wx_refused(prot))
		return ERR_ACCES;
	rwlock_write(&space->lock);
	err = protect_locked(space, addr, end, prot & PROT_ALL);
	rwlock_write_done(&space->lock);
	return err;
}
