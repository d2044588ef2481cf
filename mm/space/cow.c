/* SPDX-License-Identifier: BSD-2-Clause */
/* The first write to a page that is shared by count. */
#include "mm/space/cow.h"

#include "kernel/lib/string.h"

/* Of the zero page a copy is a new page of zeros. */
static struct frame *private_copy(struct frame *of)
{
	struct frame *copy = frame_alloc(FRAME_ANON, of == zero_frame ? FRAME_ZERO : 0);

	if (copy != NULL && of != zero_frame)
		memcpy(frame_virt(copy), frame_virt(of), PAGE_SIZE);
	return copy;
}

enum fault_result cow_break(struct space *space, const struct area *area, pte_t *leaf,
			    uint64_t addr)
{
	struct frame *old;
	struct frame *copy;
	pte_t seen = READ_ONCE(*leaf);

	if (!(seen & PTE_P))
		return FAULT_OK; /* gone meanwhile: the access faults again */
	old = leaf_frame(seen);
	if (area->flags & AREA_SHARED || frame_is_sole(old)) {
		spin_lock(&space->leaf_lock);
		if (*leaf == seen)
			table_leaf_change(leaf, leaf_of(old, area->prot, true));
		spin_unlock(&space->leaf_lock);
		space_forget_narrower(space, addr);
		return FAULT_OK;
	}
	/* Another thread may be faster and give the old frame away, or may by now be the only one who
	 * has it, and write to it: then the copy is worth nothing, and is not used. */
	copy = private_copy(old);
	if (copy == NULL)
		return FAULT_OOM;
	spin_lock(&space->leaf_lock);
	if ((*leaf ^ seen) & (PTE_ADDR | PTE_W)) {
		spin_unlock(&space->leaf_lock);
		frame_put(copy);
		return FAULT_OK;
	}
	table_leaf_replace(space->root, addr, leaf, leaf_of(copy, area->prot, true));
	if (old->type != FRAME_ANON) {
		space->object_pages--;
		space->anon_pages++;
	}
	spin_unlock(&space->leaf_lock);
	frame_put(old);
	return FAULT_OK;
}
