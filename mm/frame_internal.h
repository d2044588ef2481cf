/* SPDX-License-Identifier: BSD-2-Clause */
#pragma once
/* Shared by mm/frame.c, mm/buddy.c and mm/frame_init.c, and visible to their selftests. */
#include "kernel/lib/debug.h"

#include "kernel/core/spinlock.h"
#include "mm/claim.h"
#include "mm/frame.h"

#define FRAME_CACHE_DEPTH 64u
#define FRAME_CACHE_BATCH 32u
#define FRAME_POISON_WORD 0xa5a5a5a5a5a5a5a5ull

/* Free frames and use counts of one CPU. */
struct frame_cache {
	struct claim claim; /* count and frames */
	uint32_t count;
	struct frame *frames[FRAME_CACHE_DEPTH];
	/* Only its own threads write it; sums over all CPUs count, one alone may be negative. */
	int64_t used[FRAME_TYPE_COUNT];
} __aligned(CACHE_LINE);
extern struct frame_cache frame_caches[];

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

/* Give all but @keep frames of a CPU's cache back. Return: how many went. */
uint32_t frame_cache_flush(struct frame_cache *cache, uint32_t keep);

/* Poison stands in the first and the last 64 bytes: what runs at every boot must be cheap. In DEBUG
 * builds it fills the frame. */
#define FRAME_WORDS        (PAGE_SIZE / sizeof(uint64_t))
#define FRAME_POISON_WORDS (CONFIG_DEBUG ? FRAME_WORDS / 2 : 8)

/* DEBUG builds: note where a frame is freed; report who wrote to it afterwards, and where. */
void frame_note_free(struct frame *frame, const void *from);
_Noreturn void frame_poison_report(const struct frame *frame);

static inline void frame_poison(struct frame *frame)
{
	uint64_t *words = frame_virt(frame);

#pragma GCC unroll 8
	for (unsigned i = 0; i < FRAME_POISON_WORDS; i++) {
		words[i] = FRAME_POISON_WORD;
		words[FRAME_WORDS - 1 - i] = FRAME_POISON_WORD;
	}
	frame->flags |= FRAME_F_POISON;
}

/* A frame was written to after it was freed: nothing that it held can be trusted. */
static inline void frame_poison_check(const struct frame *frame)
{
	const uint64_t *words = frame_virt(frame);
	uint64_t differs = 0;

	if (!(frame->flags & FRAME_F_POISON))
		return;
#pragma GCC unroll 8
	for (unsigned i = 0; i < FRAME_POISON_WORDS; i++)
		differs |= (words[i] ^ FRAME_POISON_WORD) |
			   (words[FRAME_WORDS - 1 - i] ^ FRAME_POISON_WORD);
	if (CONFIG_DEBUG && differs != 0)
		frame_poison_report(frame);
	ASSERT(differs == 0);
}
