/* SPDX-License-Identifier: BSD-2-Clause */
#pragma once
/*
 * SAN builds: the marks of heap objects. Behind each object's cookie stands who has allocated and
 * who has freed it; freed objects wait in line, so that an address is not soon somebody else's.
 */
#include "kernel/lib/san.h"

#include "mm/slab_internal.h"

struct slab_track {
	uint32_t size; /* that may be accessed; 0: free */
	uint32_t allocated[3];
	uint32_t freed[4]; /* return addresses, as offsets in the image */
};
/* A multiple of SLAB_ALIGN: what has lines of its own keeps them. */
#define SLAB_TRACK_BYTES ((uint32_t)sizeof(struct slab_track))

static inline struct slab_track *slab_track_of(const struct slab_cache *cache, const void *object)
{
	return (struct slab_track *)(uintptr_t)((const char *)object + cache->cookie +
						sizeof(uint64_t));
}

/** A new slab: nothing of it may be accessed. */
void slab_san_new(const struct slab_cache *cache, const void *slab);
/** @object is its caller's now, with all of the cache's size. */
void slab_san_give(const struct slab_cache *cache, void *object);
/** What kmalloc() gives for @size bytes: nothing behind them. NULL is allowed. Return: @object. */
void *slab_san_sized(void *object, size_t size);
/** How many bytes those are. */
size_t slab_san_size(const void *object);
/** Before the checks of slab_free(): a second one, or of what is no object, is reported. */
void slab_san_check_free(const struct slab_cache *cache, const void *object, const void *from);
/** @object is free: it waits. Return: one that has waited long enough, of *@cache; or NULL. */
void *slab_san_free(struct slab_cache **cache, void *object);
/** Any that waits anywhere, of *@cache; NULL: none. */
void *slab_san_next_waiting(struct slab_cache **cache);
