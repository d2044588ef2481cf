/* SPDX-License-Identifier: BSD-2-Clause */
#include "mm/slab_san.h"

#include "kernel/lib/bits.h"

#include "kernel/core/backtrace.h"
#include "kernel/core/kasan.h"
#include "kernel/core/limits.h"
#include "kernel/x86/sections.h"
#include "kernel/x86/shadow.h"

#define WAITING 128u /* on each CPU */

/* Freed objects in the order in which they were freed. */
static struct line {
	struct claim claim;
	uint32_t next; /* the oldest, whose place is the next one's */
	struct {
		struct slab_cache *cache;
		void *object;
	} places[WAITING];
} lines[LIMIT_CPUS] __aligned(CACHE_LINE);

/* The callers of the allocator, without its own functions. */
static __always_inline void note_callers(uint32_t *to, unsigned count)
{
	uint64_t found[8];
	unsigned skip = 1;
	unsigned have =
		backtrace_collect((uint64_t)__builtin_frame_address(0), found, count + skip);

	for (unsigned i = 0; i < count; i++)
		to[i] = i + skip < have ? (uint32_t)(found[i + skip] - (uint64_t)image_start) : 0;
}

void slab_san_new(const struct slab_cache *cache, const void *slab)
{
	const char *object = (const char *)slab + SLAB_HEADER;

	shadow_poison(slab, PAGE_SIZE << cache->order, SHADOW_OBJECT_END);
	for (uint32_t i = 0; i < cache->per_slab; i++, object += cache->stride) {
		shadow_poison(object, cache->size, SHADOW_OBJECT_FREE);
		*slab_track_of(cache, object) = (struct slab_track){0};
	}
}

static void open_first(const struct slab_cache *cache, void *object, size_t size)
{
	shadow_poison(object, cache->size, SHADOW_OBJECT_END);
	shadow_open(object, size);
	slab_track_of(cache, object)->size = (uint32_t)size;
}

void slab_san_give(const struct slab_cache *cache, void *object)
{
	open_first(cache, object, cache->size);
	note_callers(slab_track_of(cache, object)->allocated, 3);
}

/* Nothing behind the bytes asked for, in a block of whole frames. */
static void open_block(void *block, size_t size)
{
	struct frame *frame = frame_of_virt(block);
	uint64_t open = align_up(size, SHADOW_GRANULE);

	frame->size = size;
	shadow_open(block, size);
	shadow_poison((char *)block + open, (PAGE_SIZE << frame->order) - open, SHADOW_BLOCK_END);
}

void *slab_san_sized(void *object, size_t size)
{
	struct slab_cache *cache = NULL;

	if (object == NULL)
		return NULL;
	if (slab_page_of(object, &cache) != NULL)
		open_first(cache, object, size);
	else
		open_block(object, size);
	return object;
}

size_t slab_san_size(const void *object)
{
	struct slab_cache *cache = NULL;

	if (slab_page_of(object, &cache) != NULL)
		return slab_track_of(cache, object)->size;
	return frame_of_virt(object)->size;
}

void slab_san_check_free(const struct slab_cache *cache, const void *object, const void *from)
{
	uint64_t offset = (uint64_t)object - SLAB_HEADER;
	struct slab_cache *owner = NULL;
	const struct slab_page *slab = slab_page_of(object, &owner);

	if (slab == NULL || owner != cache)
		return; /* slab_free() says so */
	offset -= (uint64_t)slab;
	if (*shadow_of((uint64_t)object) == SHADOW_OBJECT_FREE && offset % cache->stride == 0)
		kasan_report("double free", object, from);
}

void *slab_san_free(struct slab_cache **cache, void *object)
{
	struct line *line = &lines[cpu_id()];
	struct slab_cache *old_cache;
	void *old;

	shadow_poison(object, (*cache)->size, SHADOW_OBJECT_FREE);
	slab_track_of(*cache, object)->size = 0;
	note_callers(slab_track_of(*cache, object)->freed, 4);
	claim_take(&line->claim);
	old_cache = line->places[line->next].cache;
	old = line->places[line->next].object;
	line->places[line->next].cache = *cache;
	line->places[line->next].object = object;
	line->next = (line->next + 1) % WAITING;
	claim_drop(&line->claim);
	*cache = old_cache;
	return old;
}

static void *take_from(struct line *line, uint32_t place, struct slab_cache **cache)
{
	void *object;

	claim_take(&line->claim);
	object = line->places[place].object;
	*cache = line->places[place].cache;
	line->places[place].object = NULL;
	claim_drop(&line->claim);
	return object;
}

void *slab_san_next_waiting(struct slab_cache **cache)
{
	for (unsigned cpu = 0; cpu < LIMIT_CPUS; cpu++) {
		for (uint32_t place = 0; place < WAITING; place++) {
			void *object;

			if (READ_ONCE(lines[cpu].places[place].object) == NULL)
				continue;
			object = take_from(&lines[cpu], place, cache);
			if (object != NULL)
				return object;
		}
	}
	return NULL;
}
