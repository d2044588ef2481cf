/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A copy of a space: every area, and every leaf in a tight loop over whole tables. Private pages
 * lose the right to write on both sides; who writes first copies.
 */
#include "kernel/lib/bits.h"

#include "kernel/x86/tlb.h"
#include "mm/space/space_internal.h"

#define STEP_LEAVES 8192u

/* Leaves of one table; returns how many there were. */
static uint32_t copy_leaves(struct space *child, pte_t *from, pte_t *to, uint64_t count, pte_t keep)
{
	const struct frame *zero = zero_frame;
	uint32_t copied = 0;
	uint32_t anon = 0;

	for (uint64_t i = 0; i < count; i++) {
		pte_t leaf = from[i];
		struct frame *frame;

		if (leaf == 0)
			continue;
		if (leaf & ~keep) {
			leaf &= keep;
			from[i] = leaf;
		}
		to[i] = leaf;
		frame = leaf_frame(leaf);
		if (likely(frame != zero))
			frame_get(frame);
		anon += frame->type == FRAME_ANON;
		copied++;
	}
	child->anon_pages += anon;
	child->object_pages += copied - anon;
	return copied;
}

static enum err copy_area_leaves(struct space *parent, struct space *child, const struct area *area,
				 uint32_t *steps)
{
	pte_t keep = area->flags & AREA_SHARED ? ~0ull : ~PTE_W;

	for (uint64_t addr = area->start; addr < area->end;) {
		uint64_t table_end;
		pte_t *from = table_chunk(parent->root, addr, &table_end);
		uint64_t stop = MIN(area->end, table_end);
		uint32_t copied;
		pte_t *to;

		if (from != NULL) {
			to = table_leaf_create(child->root, addr);
			if (to == NULL) {
				table_trim(child->root, addr);
				return ERR_NOMEM;
			}
			copied = copy_leaves(child, from, to, (stop - addr) >> PAGE_SHIFT, keep);
			table_leaves_added(to, copied);
			if (frame_of_virt(to)->live == 0)
				table_trim(child->root, addr);
			*steps += copied;
		}
		addr = stop;
		if (*steps >= STEP_LEAVES) {
			*steps = 0;
			preempt_point();
		}
	}
	return OK;
}

static enum err copy_one(struct area *of, void *child, struct area **copy)
{
	struct vm_area *made;
	enum err err = vm_area_copy(child, vm_area_of(of), &made);

	if (err == OK)
		*copy = &made->area;
	return err;
}

/* Areas that stay behind are in the copy, empty: the tree has the same shape. */
static void drop_left_behind(struct space *child)
{
	struct area *next;

	for (struct area *at = area_first(&child->areas); at != NULL; at = next) {
		next = area_next(at);
		if (at->flags & AREA_DONTFORK)
			vm_area_unlink(child, vm_area_of(at));
	}
}

static enum err copy_all(struct space *parent, struct space *child)
{
	enum err err = area_tree_copy(&child->areas, &parent->areas, copy_one, child);
	uint32_t seen = 0; /* flags of all areas */
	uint32_t steps = 0;

	for (struct area *at = area_first(&parent->areas); at != NULL && err == OK;
	     at = area_next(at)) {
		seen |= at->flags;
		if (!(at->flags & (AREA_DONTFORK | AREA_FOREIGN)))
			err = copy_area_leaves(parent, child, at, &steps);
	}
	if (err == OK && seen & AREA_DONTFORK)
		drop_left_behind(child);
	child->brk_start = parent->brk_start;
	child->brk = parent->brk;
	child->mmap_top = parent->mmap_top;
	child->limits = parent->limits;
	return err;
}

enum err space_fork(struct space *parent, struct space **child)
{
	struct space *made = space_create(parent->account);
	enum err err;

	if (made == NULL)
		return ERR_NOMEM;
	made->lock.bit = lock_bit(
		LOCK_SPACE_2); /* truncation may find the child's areas while they are made */
	rwlock_write(&parent->lock);
	rwlock_write(&made->lock);
	err = copy_all(parent, made);
	tlb_flush_root(parent->root);
	rwlock_write_done(&made->lock);
	rwlock_write_done(&parent->lock);
	made->lock.bit = lock_bit(LOCK_SPACE);
	if (err != OK) {
		space_put(made);
		return err;
	}
	*child = made;
	return OK;
}
