/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Objects of one size in blocks of one to eight frames. Each CPU keeps a magazine of free
 * objects per cache, so that most calls touch nothing shared; slabs are filled and emptied by
 * halves of a magazine under one lock.
 */
#include "mm/slab.h"

#include "kernel/lib/bits.h"
#include "kernel/lib/string.h"

#include "kernel/core/spinlock.h"
#include "kernel/core/state_digest.h"
#include "kernel/x86/percpu.h"
#include "mm/inject.h"
#include "mm/slab_internal.h"

static struct spinlock slab_lock = SPINLOCK_INIT(LOCK_SLAB);
static struct list_node caches = LIST_INIT(caches);
uint64_t slab_secret = 0x5bd1e995a2f4c763ull;

/* Free objects: the link in the first word, a pattern in the next two, then at the earliest the
 * cookie. */
#define PATTERN_WORDS 2u
#define COOKIE_MIN    ((PATTERN_WORDS + 1) * (uint32_t)sizeof(uint64_t))

static inline void *scramble(const void *link, const void *place)
{
	return (void *)((uint64_t)link ^ slab_secret ^ (uint64_t)place >> 12);
}

/* From here on only the allocator may touch the object. */
static inline void mark_free(struct slab_cache *cache, void *object, const void *next)
{
	uint64_t *words = object;

	words[0] = (uint64_t)scramble(next, object);
	words[1] = SLAB_POISON;
	words[2] = SLAB_POISON;
	*slab_cookie_at(cache, object) = ~slab_cookie(object);
}

/* Returns the next free object. Written to since it was freed: stop. */
static inline void *mark_used(struct slab_cache *cache, void *object)
{
	uint64_t *words = object;

	ASSERT(((words[1] ^ SLAB_POISON) | (words[2] ^ SLAB_POISON)) == 0);
	ASSERT(*slab_cookie_at(cache, object) == ~slab_cookie(object));
	*slab_cookie_at(cache, object) = slab_cookie(object);
	return scramble((void *)words[0], object);
}

void slab_cache_open(struct slab_cache *cache)
{
	uint32_t cookie = MAX((cache->size + 7u) & ~7u, COOKIE_MIN);
	uint32_t stride = (uint32_t)align_up(cookie + sizeof(uint64_t), SLAB_ALIGN);
	uint32_t order = 0;

	spin_lock(&slab_lock);
	if (cache->stride == 0) {
		for (; order < SLAB_ORDER_MAX; order++) {
			uint32_t room = (uint32_t)(PAGE_SIZE << order) - SLAB_HEADER;

			if (room % stride <= (PAGE_SIZE << order) / 8)
				break;
		}
		cache->order = order;
		cache->cookie = cookie;
		cache->per_slab = ((uint32_t)(PAGE_SIZE << order) - SLAB_HEADER) / stride;
		ASSERT(cache->per_slab != 0);
		list_init(&cache->partial);
		list_add_tail(&caches, &cache->all);
		cache->stride = stride;
	}
	spin_unlock(&slab_lock);
}

struct slab_page *slab_page_of(const void *object, struct slab_cache **cache)
{
	struct frame *frame;

	if (!virt_in_physmap(object))
		return NULL;
	frame = frame_of_virt(object);
	if (frame->type == FRAME_TAIL)
		frame = frame->head;
	if (frame->type != FRAME_SLAB)
		return NULL;
	*cache = frame->slab.cache;
	return frame_virt(frame);
}

static struct slab_page *make_slab(struct slab_cache *cache)
{
	struct frame *frame = frame_alloc_order(cache->order, FRAME_SLAB, 0);
	struct slab_page *slab;
	char *object;

	if (frame == NULL)
		return NULL;
	frame->slab.cache = cache;
	slab = frame_virt(frame);
	slab->used = 0;
	slab->free = NULL;
	object = (char *)slab + SLAB_HEADER + (uint64_t)cache->stride * cache->per_slab;
	for (uint32_t i = 0; i < cache->per_slab; i++) {
		object -= cache->stride;
		mark_free(cache, object, slab->free);
		slab->free = object;
	}
	list_add_head(&cache->partial, &slab->link);
	return slab;
}

/* One object from the slabs; lock held. */
static void *take_locked(struct slab_cache *cache)
{
	struct slab_page *slab;
	void *object;

	if (!list_empty(&cache->partial))
		slab = list_first(&cache->partial, struct slab_page, link);
	else
		slab = make_slab(cache);
	if (slab == NULL)
		return NULL;
	object = slab->free;
	slab->free = scramble((void *)*(uint64_t *)object, object);
	if (++slab->used == cache->per_slab)
		list_remove(&slab->link);
	return object;
}

/* A free object back to its slab; an empty slab goes back unless it is the only one. */
static void give_locked(struct slab_cache *cache, void *object, bool keep_one)
{
	struct slab_cache *owner = NULL;
	struct slab_page *slab = slab_page_of(object, &owner);

	ASSERT(slab != NULL && owner == cache && slab->used != 0);
	mark_free(cache, object, slab->free);
	slab->free = object;
	if (slab->used-- == cache->per_slab)
		list_add_head(&cache->partial, &slab->link);
	if (slab->used != 0 || (keep_one && cache->partial.next->next == &cache->partial))
		return;
	list_remove(&slab->link);
	frame_free_order(frame_of_virt(slab), cache->order);
}

static bool refill(struct slab_cache *cache, struct slab_magazine *magazine)
{
	uint32_t wanted = MIN(SLAB_MAGAZINE / 2, MAX(cache->per_slab, 1u));

	spin_lock(&slab_lock);
	while (magazine->count < wanted) {
		void *object = take_locked(cache);

		if (object == NULL)
			break;
		*(uint64_t *)object = (uint64_t)scramble(magazine->free, object);
		magazine->free = object;
		magazine->count++;
	}
	spin_unlock(&slab_lock);
	return magazine->count != 0;
}

static void flush(struct slab_cache *cache, struct slab_magazine *magazine, uint32_t keep,
		  bool keep_slab)
{
	spin_lock(&slab_lock);
	while (magazine->count > keep) {
		void *object = magazine->free;

		magazine->free = scramble((void *)*(uint64_t *)object, object);
		magazine->count--;
		give_locked(cache, object, keep_slab);
	}
	spin_unlock(&slab_lock);
}

void *slab_alloc(struct slab_cache *cache)
{
	struct slab_magazine *magazine = &cache->magazine[cpu_id() % SLAB_MAGAZINES];
	void *object;

	if (inject_fails())
		return NULL;
	if (unlikely(magazine->count == 0)) {
		if (cache->stride == 0)
			slab_cache_open(cache);
		if (!refill(cache, magazine))
			return NULL;
	}
	object = magazine->free;
	magazine->free = mark_used(cache, object);
	magazine->count--;
	cache->used++;
	return object;
}

void *slab_alloc_zero(struct slab_cache *cache)
{
	void *object = slab_alloc(cache);

	return object != NULL ? memset(object, 0, cache->size) : NULL;
}

void slab_free(struct slab_cache *cache, void *object)
{
	struct slab_magazine *magazine = &cache->magazine[cpu_id() % SLAB_MAGAZINES];
	struct slab_cache *owner = NULL;

	if (object == NULL)
		return;
	ASSERT(slab_page_of(object, &owner) != NULL && owner == cache);
	/* Neither overwritten nor free already, and the start of an object. */
	ASSERT(*slab_cookie_at(cache, object) == slab_cookie(object));
	if (unlikely(magazine->count == SLAB_MAGAZINE))
		flush(cache, magazine, SLAB_MAGAZINE / 2, true);
	mark_free(cache, object, magazine->free);
	magazine->free = object;
	magazine->count++;
	cache->used--;
}

uint64_t slab_used_count(void)
{
	uint64_t used = 0;

	list_for_each(node, &caches) used += list_entry(node, struct slab_cache, all)->used;
	return used;
}

void slab_drain(void)
{
	list_for_each(node, &caches)
	{
		struct slab_cache *cache = list_entry(node, struct slab_cache, all);

		flush(cache, &cache->magazine[cpu_id() % SLAB_MAGAZINES], 0, false);
		spin_lock(&slab_lock);
		list_for_each_safe(link, following, &cache->partial)
		{
			struct slab_page *slab = list_entry(link, struct slab_page, link);

			if (slab->used != 0)
				continue;
			list_remove(&slab->link);
			frame_free_order(frame_of_virt(slab), cache->order);
		}
		spin_unlock(&slab_lock);
	}
}

static void poison_slab(struct slab_cache *cache, struct slab_page *slab)
{
	const size_t kept = (1 + PATTERN_WORDS) * sizeof(uint64_t); /* link and pattern */

	for (char *at = slab->free; at; at = scramble((void *)*(uint64_t *)(void *)at, at))
		memset(at + kept, (uint8_t)SLAB_POISON, cache->cookie - kept);
}

void slab_poison_free(void)
{
	slab_drain();
	spin_lock(&slab_lock);
	list_for_each(node, &caches)
	{
		struct slab_cache *cache = list_entry(node, struct slab_cache, all);

		/* The next object comes from here, not from a frame whose middle nobody filled. */
		if (list_empty(&cache->partial))
			(void)!make_slab(cache);
		list_for_each(link, &cache->partial)
			poison_slab(cache, list_entry(link, struct slab_page, link));
	}
	spin_unlock(&slab_lock);
}

STATE_COUNTER(slab_used_count);
