/* SPDX-License-Identifier: BSD-2-Clause */
/* Sizes known late: a slab cache for each class, whole frames for what is larger. */
#include "kernel/lib/bits.h"
#include "kernel/lib/overflow.h"
#include "kernel/lib/string.h"

#include "mm/slab_internal.h"
#include "mm/slab_san.h"

/* User sizes; the stride is a cookie more. Waste stays below a third. */
#define CLASS(size_) SLAB_CACHE_INIT("kmalloc-" #size_, size_)
static struct slab_cache classes[] = {
	CLASS(24),  CLASS(40),  CLASS(56),  CLASS(88),   CLASS(120),  CLASS(184),  CLASS(248),
	CLASS(376), CLASS(504), CLASS(760), CLASS(1016), CLASS(1352), CLASS(2024),
};

#define SMALL_MAX  2024u
#define STEP       16u
#define STEP_COUNT (SMALL_MAX / STEP + 2)

/* The class for sizes up to n * STEP - 8; filled at the first call, with the same by whoever. */
static uint8_t class_of_step[STEP_COUNT];

static void fill_steps(void)
{
	unsigned class = 0;

	for (unsigned step = 0; step < STEP_COUNT; step++) {
		while (class + 1 < ARRAY_SIZE(classes) && classes[class].size + 8 < step * STEP)
			class ++;
		class_of_step[step] = (uint8_t)(class + 1);
	}
}

static inline struct slab_cache *class_of(size_t size)
{
	size_t step = (size + 8 + STEP - 1) / STEP;

	if (unlikely(class_of_step[step] == 0))
		fill_steps();
	return &classes[class_of_step[step] - 1];
}

static unsigned order_of(size_t size)
{
	return log2_ceil(DIV_ROUND_UP(size, PAGE_SIZE));
}

static void *alloc_large(size_t size, unsigned flags)
{
	struct frame *frame;

	if (size > PAGE_SIZE << FRAME_ORDER_MAX)
		return NULL;
	frame = frame_alloc_order(order_of(size), FRAME_KERNEL, flags);
	if (frame == NULL)
		return NULL;
	frame->size = size;
	return CONFIG_SAN ? slab_san_sized(frame_virt(frame), size) : frame_virt(frame);
}

static inline void *alloc_small(size_t size)
{
	void *object = slab_alloc(class_of(size));

	return CONFIG_SAN ? slab_san_sized(object, size) : object;
}

void *kmalloc(size_t size)
{
	ASSERT(size != 0);
	return size <= SMALL_MAX ? alloc_small(size) : alloc_large(size, 0);
}

void *kzalloc(size_t size)
{
	void *object;

	ASSERT(size != 0);
	if (size > SMALL_MAX)
		return alloc_large(size, FRAME_ZERO);
	object = alloc_small(size);
	return object != NULL ? memset(object, 0, size) : NULL;
}

void *kcalloc(size_t count, size_t size)
{
	size_t total;

	if (mul_overflows(count, size, &total))
		return NULL;
	return kzalloc(total);
}

/* The cache of a small object, or NULL for whole frames. Anything else is a caller's bug. */
static struct slab_cache *cache_of(const void *object)
{
	struct slab_cache *cache = NULL;

	if (slab_page_of(object, &cache) != NULL)
		return cache;
	ASSERT(virt_in_physmap(object) && is_aligned((uint64_t)object, PAGE_SIZE));
	ASSERT(frame_of_virt(object)->type == FRAME_KERNEL);
	return NULL;
}

void kfree(void *object)
{
	struct slab_cache *cache;
	struct frame *frame;

	if (object == NULL)
		return;
	cache = cache_of(object);
	if (cache != NULL) {
		if (CONFIG_SAN)
			slab_san_check_free(cache, object, __builtin_return_address(0));
		slab_free(cache, object);
		return;
	}
	frame = frame_of_virt(object);
	frame_free_order(frame, frame->order);
}

void *krealloc(void *object, size_t size)
{
	struct slab_cache *cache;
	size_t room;
	void *moved;

	if (object == NULL)
		return kmalloc(size);
	cache = cache_of(object);
	room = cache != NULL ? cache->size : PAGE_SIZE << frame_of_virt(object)->order;
	if (size <= room && size > room / 2)
		return CONFIG_SAN ? slab_san_sized(object, size) : object;
	if (CONFIG_SAN)
		room = slab_san_size(object);
	moved = kmalloc(size);
	if (moved == NULL)
		return NULL;
	memcpy(moved, object, MIN(size, room));
	kfree(object);
	return moved;
}

/* What lies behind @pointer in the block of frames that it points into. */
static size_t room_in_block(const void *pointer, const struct frame *head)
{
	uint64_t end = (uint64_t)frame_virt(head) + (PAGE_SIZE << head->order);

	return end - (uint64_t)pointer;
}

size_t slab_room(const void *pointer)
{
	struct slab_cache *cache = NULL;
	struct frame *frame;
	uint64_t offset;
	struct slab_page *slab = slab_page_of(pointer, &cache);

	if (slab == NULL) {
		frame = frame_of_virt(pointer);
		if (frame->type == FRAME_TAIL)
			frame = frame->head;
		return frame->type > FRAME_TABLE ? room_in_block(pointer, frame) : 0;
	}
	offset = (uint64_t)pointer - (uint64_t)slab;
	if (offset < SLAB_HEADER || (offset - SLAB_HEADER) / cache->stride >= cache->per_slab)
		return 0;
	offset = (offset - SLAB_HEADER) % cache->stride;
	return offset < cache->size ? cache->size - offset : 0;
}
