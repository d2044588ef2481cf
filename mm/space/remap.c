/* SPDX-License-Identifier: BSD-2-Clause */
/* mremap(2): within one area; pages move with their leaves, nothing is copied. */
#include "kernel/lib/bits.h"
#include "kernel/lib/overflow.h"

#include "mm/space/space_internal.h"

struct remap {
	uint64_t addr, old_len, new_len;
	uint32_t flags;
	uint64_t new_addr;
};

static bool place_is_bad(const struct remap *remap)
{
	if (remap->new_addr & PAGE_MASK || remap->new_addr < USER_START ||
	    remap->new_addr > USER_END || remap->new_len > USER_END - remap->new_addr)
		return true;
	return remap->new_addr < remap->addr + remap->old_len &&
	       remap->addr < remap->new_addr + remap->new_len;
}

static enum err check(struct remap *remap)
{
	bool fixed = remap->flags & MREMAP_FIXED;

	if (remap->flags & ~(MREMAP_MAYMOVE | MREMAP_FIXED) ||
	    (fixed && !(remap->flags & MREMAP_MAYMOVE)) || remap->addr & PAGE_MASK ||
	    remap->new_len == 0 || remap->new_len > USER_END || remap->old_len > USER_END)
		return ERR_INVAL;
	remap->old_len = align_up(remap->old_len, PAGE_SIZE);
	remap->new_len = align_up(remap->new_len, PAGE_SIZE);
	if (fixed && place_is_bad(remap))
		return ERR_INVAL;
	return remap->old_len == 0 ? ERR_INVAL : OK;
}

static bool within_limit(uint64_t limit, uint64_t pages, uint64_t more)
{
	return limit == UINT64_MAX || range_within(pages << PAGE_SHIFT, more, limit);
}

/* A longer @area: its limits, and that the object has such positions at all. */
static enum err check_growth(const struct space *space, const struct area *area,
			     const struct remap *remap)
{
	uint64_t more = remap->new_len - remap->old_len;
	uint64_t offset = area->offset + (remap->addr - area->start);
	bool data = area->prot & PROT_WRITE && !(area->flags & (AREA_SHARED | AREA_STACK));

	if (area->flags & AREA_FOREIGN)
		return ERR_FAULT;
	if (area->object != NULL && !range_within(offset, remap->new_len, INT64_MAX))
		return ERR_INVAL;
	if (!within_limit(space->limits.address_space, space->mapped_pages, more))
		return ERR_NOMEM;
	if (data && !within_limit(space->limits.data, space->data_pages, more))
		return ERR_NOMEM;
	return OK;
}

/* Free addresses right behind the area. */
static bool can_extend(const struct space *space, const struct remap *remap)
{
	uint64_t end = remap->addr + remap->old_len;
	uint64_t new_end = remap->addr + remap->new_len;

	return new_end <= USER_END && area_first_in(&space->areas, end, new_end) == NULL;
}

/* An area like @of at a new place, into which the pages then move. */
static enum err make_target(struct space *space, const struct vm_area *of,
			    const struct remap *remap, uint64_t to)
{
	struct vm_area *area = vm_area_alloc(space);
	enum err err;

	if (area == NULL)
		return ERR_NOMEM;
	area->area.start = to;
	area->area.end = to + remap->new_len;
	area->area.prot = of->area.prot;
	area->area.flags = of->area.flags;
	area->area.object = of->area.object;
	if (of->area.object != NULL)
		area->area.offset = of->area.offset + (remap->addr - of->area.start);
	area->name = of->name;
	area->file = of->file;
	area->max_prot = of->max_prot;
	err = vm_area_link(space, area, of);
	if (err != OK)
		vm_area_free(area);
	return err;
}

static enum err choose_place(struct space *space, const struct remap *remap, uint64_t *to)
{
	const struct area_window window = {USER_START, space->mmap_top, USER_END};

	if (!(remap->flags & MREMAP_FIXED))
		return area_place(&space->areas, remap->new_len, PAGE_SIZE, &window, to);
	*to = remap->new_addr;
	return space_unmap_locked(space, remap->new_addr, remap->new_len);
}

static enum err move(struct space *space, const struct remap *remap, uint64_t *at)
{
	uint64_t to = 0;
	enum err err = choose_place(space, remap, &to);
	struct area *area;

	if (err != OK)
		return err;
	area = area_find(&space->areas, remap->addr);
	err = make_target(space, vm_area_of(area), remap, to);
	if (err != OK)
		return err;
	err = space_move_leaves(space, remap->addr, to, MIN(remap->old_len, remap->new_len));
	if (err != OK) {
		vm_area_unlink(space, vm_area_of(area_find(&space->areas, to)));
		return err;
	}
	/* The old place holds at most the pages behind a shorter new length: this cannot need
	 * memory unless it cuts an area, and then the pages have moved already: it stays mapped,
	 * empty. */
	(void)!space_unmap_locked(space, remap->addr, remap->old_len);
	*at = to;
	return OK;
}

static enum err remap_locked(struct space *space, const struct remap *remap, uint64_t *at)
{
	struct area *area = area_find(&space->areas, remap->addr);
	bool grows = remap->new_len > remap->old_len;
	enum err err = OK;

	if (area == NULL || remap->old_len > area->end - remap->addr)
		return ERR_FAULT;
	if (grows)
		err = check_growth(space, area, remap);
	if (err != OK)
		return err;
	*at = remap->addr;
	if (remap->flags & MREMAP_FIXED)
		return move(space, remap, at);
	if (!grows)
		return space_unmap_locked(space, remap->addr + remap->new_len,
					  remap->old_len - remap->new_len);
	if (area->end == remap->addr + remap->old_len && can_extend(space, remap))
		return vm_area_resize(space, vm_area_of(area), area->start,
				      remap->addr + remap->new_len);
	return remap->flags & MREMAP_MAYMOVE ? move(space, remap, at) : ERR_NOMEM;
}

enum err space_remap(struct space *space, uint64_t addr, uint64_t old_len, uint64_t new_len,
		     uint32_t flags, uint64_t new_addr, uint64_t *at)
{
	struct remap remap = {addr, old_len, new_len, flags, new_addr};
	uint64_t where;
	enum err err = check(&remap);

	if (err != OK)
		return err;
	rwlock_write(&space->lock);
	err = remap_locked(space, &remap, &where);
	rwlock_write_done(&space->lock);
	if (err == OK)
		*at = where;
	return err;
}
