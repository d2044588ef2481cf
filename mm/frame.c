/* SPDX-License-Identifier: BSD-2-Clause */
/* Frames by ones from the CPU's cache, by blocks from the buddy allocator. */
#include "mm/frame.h"

#include "kernel/lib/string.h"

#include "kernel/core/limits.h"
#include "kernel/core/state_digest.h"
#include "kernel/x86/percpu.h"
#include "mm/frame_internal.h"
#include "mm/inject.h"
#include "mm/shadow_map.h"
#include "mm/table.h"

static const char *const type_names[] = {
#define FRAME_TYPE(type, name, holds) name,
#include "mm/frame_types.def"
#undef FRAME_TYPE
};

const char *frame_type_name(enum frame_type type)
{
	return type < FRAME_TYPE_COUNT ? type_names[type] : "?";
}

/* Runs of 2^n frames: one list operation for many frames. Return: how many there are. */
static uint32_t take_batch(struct frame **to, unsigned flags)
{
	uint32_t count = 0;

	spin_lock(&frame_pool.lock);
	while (count < FRAME_CACHE_BATCH) {
		unsigned order = 3;
		struct frame *run = NULL;

		if (frame_pool.free <= frame_pool.reserve && !(flags & FRAME_RESERVE))
			break;
		while (run == NULL && order > 0)
			run = buddy_take(--order);
		if (run == NULL)
			break;
		for (uint64_t i = 1ull << order; i-- > 0;)
			to[count++] = run + i;
	}
	spin_unlock(&frame_pool.lock);
	return count;
}

uint32_t frame_cache_flush(struct frame_cache *cache, uint32_t keep)
{
	struct frame *batch[FRAME_CACHE_DEPTH];
	uint32_t count = 0;

	claim_take(&cache->claim);
	while (cache->count > keep)
		batch[count++] = cache->frames[--cache->count];
	claim_drop(&cache->claim);
	if (count == 0)
		return 0;
	spin_lock(&frame_pool.lock);
	for (uint32_t i = 0; i < count; i++)
		buddy_put(batch[i], 0);
	spin_unlock(&frame_pool.lock);
	return count;
}

uint32_t frame_drain_cache(void)
{
	uint32_t count = 0;

	for (unsigned i = 0; i < LIMIT_CPUS; i++)
		if (READ_ONCE(frame_caches[i].count) != 0)
			count += frame_cache_flush(&frame_caches[i], 0);
	return count;
}

static inline struct frame *pop(struct frame_cache *cache)
{
	struct frame *frame = NULL;

	claim_take(&cache->claim);
	if (likely(cache->count != 0))
		frame = cache->frames[--cache->count];
	claim_drop(&cache->claim);
	return frame;
}

static inline bool push(struct frame_cache *cache, struct frame *frame)
{
	bool room;

	claim_take(&cache->claim);
	room = cache->count < FRAME_CACHE_DEPTH;
	if (likely(room))
		cache->frames[cache->count++] = frame;
	claim_drop(&cache->claim);
	return room;
}

/* A frame for a CPU that has none: a batch from the pool, at worst what other CPUs keep. */
static __noinline struct frame *refill(struct frame_cache *cache, unsigned flags)
{
	struct frame *batch[FRAME_CACHE_BATCH + 4];
	uint32_t count = take_batch(batch, flags);

	if (count == 0 && frame_drain_cache() != 0)
		count = take_batch(batch, flags);
	for (uint32_t i = 0; i + 1 < count; i++)
		(void)!push(cache, batch[i]);
	return count != 0 ? batch[count - 1] : NULL;
}

struct frame *frame_alloc(enum frame_type type, unsigned flags)
{
	struct frame_cache *cache = cpu_self()->frames;
	struct frame *frame;

	if (inject_fails())
		return NULL;
	frame = pop(cache);
	if (unlikely(frame == NULL)) {
		frame = refill(cache, flags);
		if (frame == NULL)
			return NULL;
	}
	ASSERT(frame->type == FRAME_FREE && refcount_read(&frame->count) == 0);
	if (CONFIG_SAN)
		shadow_give_frames(frame, 0);
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
	if (CONFIG_DEBUG)
		frame_note_free(frame, __builtin_return_address(0));
	if (CONFIG_SAN)
		shadow_free_frames(frame, 0, __builtin_return_address(0));
	while (unlikely(!push(cache, frame)))
		frame_cache_flush(cache, FRAME_CACHE_DEPTH - FRAME_CACHE_BATCH);
}

static void claim_block(struct frame *head, unsigned order, enum frame_type type, unsigned flags)
{
	if (CONFIG_SAN)
		shadow_give_frames(head, order);
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

static struct frame *take_block(unsigned order, unsigned flags)
{
	struct frame *head = NULL;

	spin_lock(&frame_pool.lock);
	if (frame_pool.free > frame_pool.reserve + (1ull << order) || flags & FRAME_RESERVE)
		head = buddy_take(order);
	spin_unlock(&frame_pool.lock);
	return head;
}

struct frame *frame_alloc_order(unsigned order, enum frame_type type, unsigned flags)
{
	struct frame *head;

	if (order == 0)
		return frame_alloc(type, flags);
	if (order > FRAME_ORDER_MAX || inject_fails())
		return NULL;
	head = take_block(order, flags);
	/* Single frames in the caches may be what keeps blocks from joining. */
	if (unlikely(head == NULL) && frame_drain_cache() != 0)
		head = take_block(order, flags);
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
		if (CONFIG_DEBUG)
			frame_note_free(&frame[i], __builtin_return_address(0));
	}
	if (CONFIG_SAN)
		shadow_free_frames(frame, order, __builtin_return_address(0));
	spin_lock(&frame_pool.lock);
	buddy_put(frame, order);
	spin_unlock(&frame_pool.lock);
}

/* A table that the kernel half has grown by is not lost. */
static uint64_t frames_left(void)
{
	return frame_free_count() + table_kernel_count();
}

STATE_COUNTER(frames_left);
