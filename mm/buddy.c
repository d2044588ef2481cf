/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Free blocks of 2^n frames, aligned to their size, one list for each n. Buddies join when both
 * are free and whole. The database covers whole blocks of the largest order, so that the record
 * of a buddy always exists; what is not RAM in it is FRAME_RESERVED and never joins.
 */
#include "kernel/lib/bits.h"

#include "mm/frame_internal.h"

struct frame_pool frame_pool = {.lock = SPINLOCK_INIT(LOCK_FRAME)};

static void list_block(struct frame *frame, unsigned order)
{
	frame->order = (uint8_t)order;
	frame->flags |= FRAME_F_BUDDY;
	list_add_head(&frame_pool.lists[order], &frame->link);
	frame_pool.orders |= 1u << order;
}

static void unlist_block(struct frame *frame)
{
	unsigned order = frame->order;

	ASSERT(frame->type == FRAME_FREE && frame->flags & FRAME_F_BUDDY);
	list_remove(&frame->link);
	frame->flags &= (uint8_t)~FRAME_F_BUDDY;
	frame->order = 0;
	if (list_empty(&frame_pool.lists[order]))
		frame_pool.orders &= ~(1u << order);
}

void buddy_put(struct frame *frame, unsigned order)
{
	uint64_t number = frame_number(frame);

	frame_pool.free += 1ull << order;
	while (order < FRAME_ORDER_MAX) {
		struct frame *buddy = frame_at(number ^ 1ull << order);

		if (!(buddy->flags & FRAME_F_BUDDY) || buddy->order != order)
			break;
		unlist_block(buddy);
		number &= ~(1ull << order);
		order++;
	}
	list_block(frame_at(number), order);
}

struct frame *buddy_take(unsigned order)
{
	uint32_t fitting = frame_pool.orders >> order << order;
	struct frame *frame;
	unsigned have;

	if (fitting == 0)
		return NULL;
	have = (unsigned)__builtin_ctz(fitting);
	frame = list_first(&frame_pool.lists[have], struct frame, link);
	unlist_block(frame);
	while (have > order) {
		have--;
		list_block(frame + (1ull << have), have);
	}
	frame_pool.free -= 1ull << order;
	return frame;
}
