/* SPDX-License-Identifier: BSD-2-Clause */
/* madvise(2), msync(2), mincore(2) and filling ahead. */
#include "kernel/lib/bits.h"

#include "mm/space/fault.h"
#include "mm/space/space_internal.h"

enum advice_kind { ADVICE_UNKNOWN, ADVICE_IGNORE, ADVICE_DROP, ADVICE_REMOVE, ADVICE_FORK };

static enum advice_kind kind_of(int advice)
{
	switch (advice) {
	case MADV_NORMAL:
	case MADV_RANDOM:
	case MADV_SEQUENTIAL:
	case MADV_WILLNEED:
	case MADV_HUGEPAGE:
	case MADV_NOHUGEPAGE:
	case MADV_DONTDUMP:
	case MADV_DODUMP:
		return ADVICE_IGNORE;
	case MADV_DONTNEED:
	case MADV_FREE:
		return ADVICE_DROP;
	case MADV_REMOVE:
		return ADVICE_REMOVE;
	case MADV_DONTFORK:
	case MADV_DOFORK:
		return ADVICE_FORK;
	default:
		return ADVICE_UNKNOWN;
	}
}

static enum err set_dontfork(struct space *space, uint64_t start, uint64_t end, bool dontfork)
{
	enum err err = vm_area_split_range(space, start, end);

	if (err != OK)
		return err;
	area_for_each_in(area, &space->areas, start, end)
	{
		area->flags &= ~AREA_DONTFORK;
		area->flags |= dontfork ? AREA_DONTFORK : 0;
	}
	return OK;
}

static enum err advise_locked(struct space *space, uint64_t start, uint64_t end, int advice)
{
	uint64_t at = start;

	if (kind_of(advice) == ADVICE_FORK)
		return set_dontfork(space, start, end, advice == MADV_DONTFORK);
	area_for_each_in(area, &space->areas, start, end)
	{
		uint64_t from = MAX(area->start, start);
		uint64_t to = MIN(area->end, end);

		if (kind_of(advice) == ADVICE_DROP)
			space_zap(space, from, to);
		at = from > at ? at : to;
	}
	return at < end ? ERR_NOMEM : OK;
}

/* MADV_REMOVE: the object loses the pages, in every space; so no space may be locked. */
static enum err remove_pages(struct space *space, uint64_t start, uint64_t end)
{
	struct mem_object *object = NULL;
	uint64_t offset = 0;
	const struct area *area;
	enum err err = ERR_INVAL;

	rwlock_read(&space->lock);
	area = area_find(&space->areas, start);
	if (area != NULL && area->object != NULL && end <= area->end)
		err = area->flags & AREA_SHARED && area->prot & PROT_WRITE ? OK : ERR_ACCES;
	if (err == OK) {
		object = area->object;
		offset = area->offset + (start - area->start);
		mem_object_get(object);
	}
	rwlock_read_done(&space->lock);
	if (err != OK)
		return err;
	mem_object_punch(object, offset, offset + (end - start));
	mem_object_put(object);
	return OK;
}

enum err space_advise(struct space *space, uint64_t addr, uint64_t len, int advice)
{
	enum advice_kind kind = kind_of(advice);
	uint64_t end;
	enum err err;

	if (kind == ADVICE_UNKNOWN || !pages_of_range(addr, len, &end))
		return ERR_INVAL;
	if (addr == end)
		return OK;
	if (kind == ADVICE_REMOVE)
		return remove_pages(space, addr, end);
	rwlock_write(&space->lock);
	err = advise_locked(space, addr, end, advice);
	rwlock_write_done(&space->lock);
	return err;
}

/* Whether areas cover [start, end) without a hole. Locked for reading. */
static bool covered(const struct space *space, uint64_t start, uint64_t end)
{
	uint64_t at = start;

	area_for_each_in(area, &space->areas, start, end)
	{
		if (area->start > at)
			return false;
		at = area->end;
	}
	return at >= end;
}

/* Nothing is ever dirty: objects are memory. Only the range is judged. */
enum err space_msync(struct space *space, uint64_t addr, uint64_t len, uint32_t flags)
{
	uint64_t end;
	bool whole;

	if (flags & ~(MS_ASYNC | MS_INVALIDATE | MS_SYNC) ||
	    (flags & MS_ASYNC && flags & MS_SYNC) || addr & PAGE_MASK)
		return ERR_INVAL;
	if (!pages_of_range(addr, len, &end))
		return ERR_NOMEM;
	rwlock_read(&space->lock);
	whole = covered(space, addr, end);
	rwlock_read_done(&space->lock);
	return whole ? OK : ERR_NOMEM;
}

static bool page_present(const struct space *space, uint64_t addr)
{
	const pte_t *leaf = table_leaf_find(space->root, addr);
	const struct area *area;
	struct frame *frame;

	if (leaf != NULL && *leaf != 0)
		return true;
	area = area_find(&space->areas, addr);
	if (area == NULL || area->object == NULL ||
	    mem_object_frame(area->object, area_page_index(area, addr), false, &frame) != OK)
		return false;
	frame_put(frame);
	return true;
}

enum err space_mincore(struct space *space, uint64_t addr, uint64_t pages, uint8_t *vec)
{
	uint64_t end;
	bool whole;

	if (addr & PAGE_MASK)
		return ERR_INVAL;
	if (pages > USER_END >> PAGE_SHIFT || !pages_of_range(addr, pages << PAGE_SHIFT, &end))
		return ERR_NOMEM;
	rwlock_read(&space->lock);
	whole = covered(space, addr, end);
	for (uint64_t i = 0; whole && i < pages; i++)
		vec[i] = page_present(space, addr + i * PAGE_SIZE);
	rwlock_read_done(&space->lock);
	return whole ? OK : ERR_NOMEM;
}

static enum err populate_page(struct space *space, uint64_t at, const struct area_info *info)
{
	uint32_t access = FAULT_USER | (info->prot & PROT_WRITE ? FAULT_WRITE : 0);

	return fault_resolve(space, at, access) == FAULT_OK ? OK : ERR_NOMEM;
}

/* As much as a program asks for, which may be all there is: others run meanwhile, and may end it.
 */
enum err space_populate(struct space *space, uint64_t addr, uint64_t len)
{
	uint64_t end = align_up(addr + len, PAGE_SIZE);
	uint64_t at = align_down(addr, PAGE_SIZE);
	enum err err = OK;

	while (err == OK && at < end) {
		struct area_info info;

		if (!space_next_area(space, at, &info))
			return ERR_NOMEM;
		area_info_done(&info);
		if (info.start > at)
			return ERR_NOMEM;
		if (info.prot != PROT_NONE)
			err = populate_page(space, at, &info);
		at = info.prot != PROT_NONE ? at + PAGE_SIZE : info.end;
		preempt_point();
		if (thread_work() & THREAD_KILLED)
			return ERR_INTR;
	}
	return err;
}
