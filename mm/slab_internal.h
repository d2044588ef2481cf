/* SPDX-License-Identifier: BSD-2-Clause */
#pragma once
/* The layout of slabs, for mm/slab.c, mm/kmalloc.c and their selftests. */
#include "mm/frame.h"
#include "mm/slab.h"

/* Stands at the beginning of each slab's memory; its frame record names the cache. */
struct slab_page {
	struct list_node link; /* in the cache's list of slabs with free objects */
	void *free;            /* first free object, scrambled */
	uint32_t used;         /* objects that left the slab, those in magazines included */
	uint32_t spare;
};
#define SLAB_HEADER    32u
#define SLAB_ALIGN     16u
#define SLAB_ORDER_MAX 3u
#define SLAB_MAGAZINE  32u /* objects a magazine holds */
static_assert(sizeof(struct slab_page) == SLAB_HEADER, "objects follow the header");

/* Secrets of this boot: they scramble free links and make the cookies. */
extern uint64_t slab_secret;

/* Behind the object's bytes: overwritten by an overflow, inverted while the object is free. */
static inline uint64_t *slab_cookie_at(const struct slab_cache *cache, void *object)
{
	return (uint64_t *)(void *)((char *)object + cache->cookie);
}

static inline uint64_t slab_cookie(const void *object)
{
	return slab_secret ^ (uint64_t)object;
}

/* The slab that an object's address lies in, or NULL when its frame is none. */
struct slab_page *slab_page_of(const void *object, struct slab_cache **cache);
/* Initialise a cache whose stride is 0. */
void slab_cache_open(struct slab_cache *cache);
