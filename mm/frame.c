/* SPDX-License-Identifier: BSD-2-Clause */
/* Frames by ones from the CPU's cache, by blocks from the buddy allocator. */
#include "mm/frame.h"

#include "kernel/lib/string.h"

#include "kernel/core/state_digest.h"
#include "kernel/x86/percpu.h"
#include "mm/frame_internal.h"
#include "mm/inject.h"

/* Poison stands in the first and the last 64 bytes: what runs at every boot must be cheap. */
#define POISON_WORDS 8
#define PAGE_WORDS   (PAGE_SIZE / sizeof(uint64_t))

static const char *const type_names[] = {
#define FRAME_TYPE(type, name, holds) name,
#include "mm/frame_types.def"
#undef FRAME_TYPE
};

const char *frame_type_name(enum frame_type type)
{
	return type < FRAME_TYPE_COUNT ? type_names[type] : "?";
}

void frame_poison(struct frame *frame)
{
	uint64_t *words = frame_virt(frame);

#pragma GCC unroll 8
	for (unsigned i = 0; i < POISON_WORDS; i++) {
		words[i] = FRAME_POISON_WORD;
		words[PAGE_WORDS - 1 - i] = FRAME_POISON_WORD;
	}
	frame->flags |= FRAME_F_POISON;
}

/* A frame was written to after it was freed: nothing that it held can be trusted. */
void frame_poison_check(const struct frame *frame)
{
	const uint64_t *words = frame_virt(frame);
	uint64_t differs = 0;

	if (!(frame->flags & FRAME_F_POISON))
		return;
#pragma GCC unroll 8
	for (unsigned i = 0; i < POISON_WORDS; i++)
		differs |= (words[i] ^ FRAME_POISON_WORD) |
			   (words[PAGE_WORDS - 1 - i] ^ FRAME_POISON_WORD);
	ASSERT(differs == 0);
}

/* Takes runs of 2^n frames: one list operation for many frames. */
bool frame_cache_refill(struct frame_cache *cache, unsigned flags)
{
	spin_lock(&frame_pool.lock);
	while (cache->count < FRAME_CACHE_BATCH) {
		unsigned order = 3;
		struct frame *run = NULL;

		if (frame_pool.free <= frame_pool.reserve && !(flags & FRAME_RESERVE))
			break;
		while (run == NULL && order > 0)
			run = buddy_take(--order);
		if (run == NULL)
			break;
		for (uint64_t i = 1ull << order; i-- > 0;)
			cache->frames[cache->count++] = run + i;
	}
	spin_unlock(&frame_pool.lock);
	return cache->count != 0;
}

void frame_cache_flush(struct frame_cache *cache, uint32_t keep)
{
	spin_lock(&frame_pool.lock);
	while (cache->count > keep)
		buddy_put(cache->frames[--cache->count], 0);
	spin_unlock(&frame_pool.lock);
}

struct frame *frame_alloc(enum frame_type type, unsigned flags)
{
	struct frame_cache *cache = cpu_self()->frames;
	struct frame *frame;

	if (inject_fails() || (unlikely(cache->count == 0) && !frame_cache_refill(cache, flags)))
		return NULL;
	frame = cache->frames[--cache->count];
	ASSERT(frame->type == FRAME_FREE && refcount_read(&frame->count) == 0);
	frame_poison_check(frame);
	if (flags & FRAME_ZERO)
		memset(frame_virt(frame), 0, PAGE_SIZE);
	cache->used[type]++;
	frame->type = (uint8_t)type;
	frame->flags = 0;
	refcount_init(&frame->count, 1);
	return frame;
}

/* Whether a frame is one that somebody allocated and that its caller may give back. */
static inline void assert_allocated(const struct frame *frame, unsigned order)
{
	ASSERT(frame->type >= FRAME_TABLE && frame->order == order);
	ASSERT(refcount_read(&frame->count) == 1);
}

void frame_free(struct frame *frame)
{
	struct frame_cache *cache = cpu_self()->frames;

	ASSERT(frame->type >= FRAME_TABLE && frame->order == 0);
	ASSERT(refcount_read(&frame->count) <= 1);
	cache->used[frame->type]--;
	refcount_init(&frame->count, 0);
	frame->type = FRAME_FREE;
	frame_poison(frame);
	if (unlikely(cache->count == FRAME_CACHE_DEPTH))
		frame_cache_flush(cache, FRAME_CACHE_DEPTH - FRAME_CACHE_BATCH);
	cache->frames[cache->count++] = frame;
}

static void claim_block(struct frame *head, unsigned order, enum frame_type type, unsigned flags)
{
	for (uint64_t i = 0; i < 1ull << order; i++) {
		struct frame *frame = head + i;

		ASSERT(frame->type == FRAME_FREE);
		frame_poison_check(frame);
		frame->flags = 0;
		frame->type = i == 0 ? (uint8_t)type : FRAME_TAIL;
		frame->head = head;
	}
	if (flags & FRAME_ZERO)
		memset(frame_virt(head), 0, PAGE_SIZE << order);
	head->order = (uint8_t)order;
	refcount_init(&head->count, 1);
	cpu_self()->frames->used[type] += 1ll << order;
}

struct frame *frame_alloc_order(unsigned order, enum frame_type type, unsigned flags)
{
	struct frame *head = NULL;

	if (order == 0)
		return frame_alloc(type, flags);
	if (order > FRAME_ORDER_MAX || inject_fails())
		return NULL;
	spin_lock(&frame_pool.lock);
	if (frame_pool.free > frame_pool.reserve + (1ull << order) || flags & FRAME_RESERVE)
		head = buddy_take(order);
	spin_unlock(&frame_pool.lock);
	if (head != NULL)
		claim_block(head, order, type, flags);
	return head;
}

void frame_free_order(struct frame *frame, unsigned order)
{
	if (order == 0) {
		frame_free(frame);
		return;
	}
	assert_allocated(frame, order);
	cpu_self()->frames->used[frame->type] -= 1ll << order;
	refcount_init(&frame->count, 0);
	frame->order = 0;
	for (uint64_t i = 0; i < 1ull << order; i++) {
		frame[i].type = FRAME_FREE;
		frame_poison(&frame[i]);
	}
	spin_lock(&frame_pool.lock);
	buddy_put(frame, order);
	spin_unlock(&frame_pool.lock);
}

void frame_drain_cache(void)
{
	frame_cache_flush(cpu_self()->frames, 0);
}

STATE_COUNTER(frame_free_count);
