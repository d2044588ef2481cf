/* SPDX-License-Identifier: BSD-2-Clause */
#pragma once
/* The layout of slabs, for mm/slab.c, mm/kmalloc.c and their selftests. */
#include "kernel/x86/percpu.h"
#include "mm/claim.h"
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
static_assert(sizeof(struct slab_page) == SLAB_HEADER, "objects follow the header");

#define SLAB_MAGAZINE   32u /* objects a magazine holds */
#define SLAB_CACHES_MAX 96u /* caches that exist, and one */

/* Free objects of one cache on one CPU. */
struct slab_magazine {
	void *free;
	uint32_t count;
	uint32_t spare;
};

/* What a CPU keeps; number 0 is no cache's and stays empty. */
struct slab_cpu {
	struct claim claim; /* the magazines */
	uint32_t in_use;    /* 0: never a CPU's, and empty */
	int64_t used; /* objects handed out less those taken back here: sums over all CPUs count */
	struct slab_magazine magazine[SLAB_CACHES_MAX];
} __aligned(CACHE_LINE);
extern struct slab_cpu slab_cpus[];

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

/* Free objects: the link in the first word, a pattern in the next two, then at the earliest the
 * cookie. */
#define SLAB_PATTERN_WORDS 2u
#define SLAB_COOKIE_MIN    ((SLAB_PATTERN_WORDS + 1) * (uint32_t)sizeof(uint64_t))

static inline void *slab_scramble(const void *link, const void *place)
{
	return (void *)((uint64_t)link ^ slab_secret ^ (uint64_t)place >> 12);
}

/* From here on only the allocator may touch the object. */
static inline void slab_mark_free(struct slab_cache *cache, void *object)
{
	uint64_t *words = object;

	words[1] = SLAB_POISON;
	words[2] = SLAB_POISON;
	*slab_cookie_at(cache, object) = ~slab_cookie(object);
}

static inline void slab_set_next(void *object, const void *next)
{
	*(uint64_t *)object = (uint64_t)slab_scramble(next, object);
}

static inline void *slab_next_of(void *object)
{
	return slab_scramble((void *)*(uint64_t *)object, object);
}

/* 0 unless a free object was written to. */
static inline uint64_t slab_damage(struct slab_cache *cache, void *object)
{
	const uint64_t *words = object;

	return (words[1] ^ SLAB_POISON) | (words[2] ^ SLAB_POISON) |
	       (*slab_cookie_at(cache, object) ^ ~slab_cookie(object));
}

/* All caches that were used; they come and never go, so the list needs no lock. */
extern struct slab_cache *slab_caches;
#define slab_for_each_cache(cache)                                                       \
	for (struct slab_cache *cache = __atomic_load_n(&slab_caches, __ATOMIC_ACQUIRE); \
	     cache != NULL; cache = cache->next)

/* The slab that an object's address lies in, or NULL when its frame is none. */
struct slab_page *slab_page_of(const void *object, struct slab_cache **cache);
/* SAN builds: what was freed, and was not to be handed out again so soon, can be. */
void slab_end_waiting(void);
/* Hand a CPU its magazines. */
void slab_cpu_init(struct cpu *cpu);
/* The caches in this part of the image, which nobody has an object of, are about to go with it.
 * Context: boot, no other CPU drains. */
void slab_forget(const char *start, const char *end);
/* Initialise a cache whose id is 0. */
void slab_cache_open(struct slab_cache *cache);

/* With the cache's lock held: one object from the slabs, or NULL, and one back to its own. An empty
 * slab goes back, unless it is the only one and @keep_one. */
void *slab_take(struct slab_cache *cache);
void slab_give(struct slab_cache *cache, void *object, bool keep_one);
/* Give the slabs back that nobody has an object of. */
void slab_drain_pages(struct slab_cache *cache);
