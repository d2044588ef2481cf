/* SPDX-License-Identifier: BSD-2-Clause */
/* The heap that brk(2) moves, and the main stack. */
#include "kernel/lib/bits.h"
#include "kernel/lib/overflow.h"

#include "mm/space/space_internal.h"
#include "mm/wx.h"

static const char heap_name[] = "[heap]";
static const char stack_name[] = "[stack]";

void space_set_brk_start(struct space *space, uint64_t start)
{
	rwlock_write(&space->lock);
	space->brk_start = align_up(start, PAGE_SIZE);
	space->brk = space->brk_start;
	rwlock_write_done(&space->lock);
}

static enum err grow_heap(struct space *space, uint64_t from, uint64_t to)
{
	struct area *last = area_before(&space->areas, from);
	struct map_request request = {
		.addr = from,
		.len = to - from,
		.prot = PROT_READ | PROT_WRITE,
		.flags = MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED_NOREPLACE,
		.name = heap_name,
	};
	uint64_t at;

	if (to > USER_END || !range_within(from - space->brk_start, to - from, space->limits.data))
		return ERR_NOMEM;
	/* The usual case: the heap's last area just becomes longer. */
	if (last != NULL && last->end == from && vm_area_of(last)->name == heap_name &&
	    last->prot == (PROT_READ | PROT_WRITE) && space->limits.address_space == UINT64_MAX)
		return vm_area_resize(space, vm_area_of(last), last->start, to);
	return space_map_locked(space, &request, &at);
}

uint64_t space_brk(struct space *space, uint64_t brk)
{
	uint64_t old_end, new_end;
	enum err err = OK;

	rwlock_write(&space->lock);
	old_end = align_up(space->brk, PAGE_SIZE);
	new_end = align_up(brk, PAGE_SIZE);
	if (brk < space->brk_start || brk >= USER_END)
		err = ERR_NOMEM;
	else if (new_end > old_end)
		err = grow_heap(space, old_end, new_end);
	else if (new_end < old_end)
		err = space_unmap_locked(space, new_end, old_end - new_end);
	if (err == OK)
		space->brk = brk;
	brk = space->brk;
	rwlock_write_done(&space->lock);
	return brk;
}

enum err space_map_stack(struct space *space, uint64_t top, uint64_t size, bool exec)
{
	const uint32_t prot = PROT_READ | PROT_WRITE;
	struct vm_area *area;
	enum err err = ERR_NOMEM;

	ASSERT(is_aligned(top | size, PAGE_SIZE) && size != 0 && top <= USER_END && size < top);
	rwlock_write(&space->lock);
	area = vm_area_alloc(space);
	if (area != NULL) {
		area->area.start = top - size;
		area->area.end = top;
		area->area.prot = exec ? prot | PROT_EXEC : prot;
		area->area.flags = AREA_STACK;
		area->area.guard = STACK_GAP_BYTES;
		area->name = stack_name;
		area->max_prot = wx_allowed() ? prot | PROT_EXEC : prot;
		err = vm_area_link(space, area, NULL);
		if (err != OK)
			vm_area_free(area);
	}
	rwlock_write_done(&space->lock);
	return err;
}
