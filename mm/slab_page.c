/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Slabs: blocks of one to eight frames, cut into objects of one cache, each with a list of its
 * free ones. What the magazines of mm/slab.c are filled from and emptied into.
 */
#include "kernel/lib/bits.h"

#include "mm/slab.h"
#include "mm/slab_internal.h"
#include "mm/slab_san.h"

/* Caches come and, but for slab_forget(), never go: who reads the list needs no lock. */
static struct spinlock open_lock = SPINLOCK_INIT(LOCK_SLAB);
struct slab_cache *slab_caches;
static uint32_t cache_count;

__ro_after_init uint64_t slab_secret = 0x5bd1e995a2f4c763ull;

/* Objects begin behind the header, in the middle of a line. */
static uint32_t stride_of(const struct slab_cache *cache, uint32_t cookie)
{
	uint64_t end = cookie + sizeof(uint64_t) + (CONFIG_SAN ? SLAB_TRACK_BYTES : 0);

	return (uint32_t)(cache->has_own_lines
				  ? align_up(end + SLAB_HEADER % CACHE_LINE, CACHE_LINE)
				  : align_up(end, SLAB_ALIGN));
}

void slab_cache_open(struct slab_cache *cache)
{
	uint32_t cookie = MAX((cache->size + 7u) & ~7u, SLAB_COOKIE_MIN);
	uint32_t stride = stride_of(cache, cookie);
	uint32_t order = 0;

	spin_lock(&open_lock);
	if (cache->id == 0) {
		for (; order < SLAB_ORDER_MAX; order++) {
			uint32_t room = (uint32_t)(PAGE_SIZE << order) - SLAB_HEADER;

			if (room % stride <= (PAGE_SIZE << order) / 8)
				break;
		}
		cache->order = order;
		cache->cookie = cookie;
		cache->stride = stride;
		cache->per_slab = ((uint32_t)(PAGE_SIZE << order) - SLAB_HEADER) / stride;
		ASSERT(cache->per_slab != 0 && cache_count + 1 < SLAB_CACHES_MAX);
		list_init(&cache->partial);
		cache->next = slab_caches;
		__atomic_store_n(&slab_caches, cache, __ATOMIC_RELEASE);
		__atomic_store_n(&cache->id, ++cache_count, __ATOMIC_RELEASE);
	}
	spin_unlock(&open_lock);
}

void slab_forget(const char *start, const char *end)
{
	slab_drain();
	spin_lock(&open_lock);
	for (struct slab_cache **at = &slab_caches; *at != NULL;) {
		struct slab_cache *cache = *at;

		if ((const char *)cache >= start && (const char *)cache < end)
			__atomic_store_n(at, cache->next, __ATOMIC_RELEASE);
		else
			at = &cache->next;
	}
	spin_unlock(&open_lock);
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
	if (CONFIG_SAN)
		slab_san_new(cache, slab);
	object = (char *)slab + SLAB_HEADER + (uint64_t)cache->stride * cache->per_slab;
	for (uint32_t i = 0; i < cache->per_slab; i++) {
		object -= cache->stride;
		slab_mark_free(cache, object);
		slab_set_next(object, slab->free);
		slab->free = object;
	}
	list_add_head(&cache->partial, &slab->link);
	return slab;
}

void *slab_take(struct slab_cache *cache)
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
	slab->free = slab_next_of(object);
	if (++slab->used == cache->per_slab)
		list_remove(&slab->link);
	return object;
}

void slab_give(struct slab_cache *cache, void *object, bool keep_one)
{
	struct slab_cache *owner = NULL;
	struct slab_page *slab = slab_page_of(object, &owner);

	ASSERT(slab != NULL && owner == cache && slab->used != 0);
	slab_set_next(object, slab->free);
	slab->free = object;
	if (slab->used-- == cache->per_slab)
		list_add_head(&cache->partial, &slab->link);
	if (slab->used != 0 || (keep_one && cache->partial.next->next == &cache->partial))
		return;
	list_remove(&slab->link);
	frame_free_order(frame_of_virt(slab), cache->order);
}

void slab_drain_pages(struct slab_cache *cache)
{
	spin_lock(&cache->lock);
	list_for_each_safe(link, following, &cache->partial)
	{
		struct slab_page *slab = list_entry(link, struct slab_page, link);

		if (slab->used != 0)
			continue;
		list_remove(&slab->link);
		frame_free_order(frame_of_virt(slab), cache->order);
	}
	spin_unlock(&cache->lock);
}

static void poison_slab(struct slab_cache *cache, struct slab_page *slab)
{
	const size_t kept = 1 + SLAB_PATTERN_WORDS; /* link and pattern */

	/* By hand: a SAN build's memset() would report it. */
	for (uint64_t *at = slab->free; at; at = slab_next_of(at))
		for (size_t i = kept; i < cache->cookie / sizeof(*at); i++)
			at[i] = SLAB_POISON;
}

void slab_poison_free(void)
{
	slab_drain();
	slab_for_each_cache(cache)
	{
		spin_lock(&cache->lock);
		/* The next object comes from here, not from a frame whose middle nobody filled. */
		if (list_empty(&cache->partial))
			(void)!make_slab(cache);
		list_for_each(link, &cache->partial)
			poison_slab(cache, list_entry(link, struct slab_page, link));
		spin_unlock(&cache->lock);
	}
}
