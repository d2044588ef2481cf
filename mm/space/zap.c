/* SPDX-License-Identifier: BSD-2-Clause */
/* Taking pages out of a space: leaves first, then the flush, then the frames. */
#include "kernel/lib/bits.h"

#include "kernel/x86/tlb.h"
#include "mm/space/space_internal.h"

/* Frames wait here until no CPU can use their translation any more. */
#define BATCH 32u

/* Leaves between two places where others may run. */
#define STEP_LEAVES 4096u

struct zap {
	struct space *space;
	uint32_t count;
	uint32_t steps;
	uint64_t from, to; /* what the batch covers */
	struct frame *frames[BATCH];
};

static void release_batch(struct zap *zap)
{
	if (zap->count == 0)
		return;
	tlb_flush_range(zap->space->root, zap->from, zap->to);
	for (uint32_t i = 0; i < zap->count; i++)
		frame_put(zap->frames[i]);
	zap->count = 0;
}

/* The leaves of one table. */
static void zap_leaves(struct zap *zap, pte_t *leaf, uint64_t addr, uint64_t stop)
{
	struct space *space = zap->space;
	pte_t *first = leaf;
	uint32_t cleared = 0;

	for (; addr < stop; addr += PAGE_SIZE, leaf++) {
		pte_t value = *leaf;
		struct frame *frame;

		if (value == 0)
			continue;
		*leaf = 0;
		cleared++;
		frame = leaf_frame(value);
		if (frame->type == FRAME_ANON)
			space->anon_pages--;
		else
			space->object_pages--;
		if (zap->count == 0)
			zap->from = addr;
		zap->to = addr + PAGE_SIZE;
		zap->frames[zap->count++] = frame;
		if (zap->count == BATCH)
			release_batch(zap);
	}
	if (cleared != 0)
		table_leaves_cleared(first, cleared);
	zap->steps += cleared;
}

void space_zap(struct space *space, uint64_t start, uint64_t end)
{
	struct zap zap = {.space = space};

	space_note_peak(space);
	for (uint64_t addr = start; addr < end;) {
		uint64_t table_end;
		pte_t *leaf = table_chunk(space->root, addr, &table_end);
		uint64_t stop = MIN(end, table_end);

		if (leaf != NULL) {
			zap_leaves(&zap, leaf, addr, stop);
			if (frame_of_virt(leaf)->live == 0) {
				release_batch(&zap);
				table_trim(space->root, addr);
			}
		}
		addr = stop;
		if (zap.steps >= STEP_LEAVES) {
			release_batch(&zap);
			zap.steps = 0;
			preempt_point();
		}
	}
	release_batch(&zap);
}

static enum err move_leaf(struct space *space, uint64_t from, uint64_t to)
{
	pte_t *source = table_leaf_find(space->root, from);
	pte_t *target;

	if (source == NULL || *source == 0)
		return OK;
	target = table_leaf_create(space->root, to);
	if (target == NULL)
		return ERR_NOMEM;
	ASSERT(*target == 0);
	*target = *source;
	table_leaves_added(target, 1);
	*source = 0;
	table_leaves_cleared(source, 1);
	tlb_flush_page(space->root, from);
	if (frame_of_virt(source)->live == 0)
		table_trim(space->root, from);
	return OK;
}

enum err space_move_leaves(struct space *space, uint64_t from, uint64_t to, uint64_t len)
{
	for (uint64_t done = 0; done < len; done += PAGE_SIZE) {
		if (move_leaf(space, from + done, to + done) == OK)
			continue;
		while (done > 0) {
			/* The way back needs no new table that was not there a moment ago, but for
			 * one that was just trimmed and is still kept. */
			enum err err =
				move_leaf(space, to + done - PAGE_SIZE, from + done - PAGE_SIZE);

			ASSERT(err == OK);
			done -= PAGE_SIZE;
		}
		return ERR_NOMEM;
	}
	return OK;
}
