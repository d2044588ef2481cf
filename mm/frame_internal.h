/* SPDX-License-Identifier: BSD-2-Clause */
#pragma once
/* Shared by mm/frame.c, mm/buddy.c and mm/frame_init.c, and visible to their selftests. */
#include "kernel/core/spinlock.h"
#include "mm/frame.h"

#define FRAME_CACHE_DEPTH 64u
#define FRAME_CACHE_BATCH 32u
#define FRAME_POISON_WORD 0xa5a5a5a5a5a5a5a5ull

/* Free frames and use counts of one CPU; only its own threads touch it. */
struct frame_cache {
	uint32_t count;
	uint32_t spare;
	struct frame *frames[FRAME_CACHE_DEPTH];
	int64_t used[FRAME_TYPE_COUNT]; /* sums over all CPUs count; one alone may be negative */
};

/* The blocks that are free, by order; under the lock. */
struct frame_pool {
	struct spinlock lock;
	uint64_t free;    /* frames in the lists */
	uint64_t total;   /* frames that are RAM of ours */
	uint64_t reserve; /* frames that only FRAME_RESERVE may take */
	uint64_t limit;   /* first frame number behind the database */
	uint32_t orders;  /* bit n: list n is not empty */
	struct list_node lists[FRAME_ORDER_MAX + 1];
};
extern struct frame_pool frame_pool;

static inline uint64_t frame_number(const struct frame *frame)
{
	return ((uint64_t)frame - layout.frames) >> FRAME_SHIFT;
}

static inline struct frame *frame_at(uint64_t number)
{
	return frame_of(phys(number << PAGE_SHIFT));
}

/* The buddy allocator: blocks in, blocks out. Caller holds the pool's lock. */
void buddy_put(struct frame *frame, unsigned order);
/* A block of exactly @order, or NULL. */
struct frame *buddy_take(unsigned order);

/* Fill and empty a CPU's cache by batches. */
bool frame_cache_refill(struct frame_cache *cache, unsigned flags);
void frame_cache_flush(struct frame_cache *cache, uint32_t keep);

/* Every frame of the image, initrd and boot classes in the range becomes free, uncounted. */
void frame_poison(struct frame *frame);
void frame_poison_check(const struct frame *frame);
