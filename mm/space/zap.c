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
	uint32_t table_count;
	uint32_t steps;
	uint64_t from, to; /* what the batch covers */
	struct frame *frames[BATCH];
	struct frame *tables[TABLES_PER_LEAF];
};

/* One flush serves the pages and the tables that led to them. */
static void release_batch(struct zap *zap)
{
	if (zap->count == 0 && zap->table_count == 0)
		return;
	tlb_flush_range(zap->space->root, zap->from, zap->to);
	for (uint32_t i = 0; i < zap->count; i++)
		frame_put(zap->frames[i]);
	for (uint32_t i = 0; i < zap->table_count; i++)
		table_frame_free(zap->tables[i]);
	zap->count = 0;
	zap->table_count = 0;
}

/* The batch is to flush this page, too. */
static inline void cover(struct zap *zap, uint64_t addr)
{
	if (zap->count == 0)
		zap->from = addr;
	zap->to = addr + PAGE_SIZE;
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
		cover(zap, addr);
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
				cover(&zap, stop - PAGE_SIZE);
				zap.table_count = table_unlink(space->root, addr, zap.tables);
				release_batch(&zap);
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

/* The caller flushes @from, and looks whether its table is empty. */
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
	return OK;
}

/* The pages have left [from, from + len): the flush, then the tables. */
static void forget_leaves(struct space *space, uint64_t from, uint64_t len)
{
	tlb_flush_range(space->root, from, from + len);
	for (uint64_t addr = from; addr < from + len;) {
		uint64_t table_end;

		(void)table_chunk(space->root, addr, &table_end);
		table_trim(space->root, addr);
		addr = table_end;
	}
}

enum err space_move_leaves(struct space *space, uint64_t from, uint64_t to, uint64_t len)
{
	uint64_t done = 0;
	enum err err = OK;

	while (done < len && err == OK) {
		err = move_leaf(space, from + done, to + done);
		done += PAGE_SIZE;
	}
	if (err == OK) {
		forget_leaves(space, from, len);
		return OK;
	}
	/* The way back needs no table that was not there a moment ago. */
	for (uint64_t back = 0; back < done; back += PAGE_SIZE) {
		enum err put_back = move_leaf(space, to + back, from + back);

		ASSERT(put_back == OK);
	}
	forget_leaves(space, to, done);
	return err;
}
