/* SPDX-License-Identifier: BSD-2-Clause */
#pragma once
/*
 * Kernel objects. kmalloc() for sizes known late, typed caches for the rest. Each object carries
 * a cookie behind it, checked at free (overflow, double free, foreign pointers), and free
 * objects keep a pattern that is checked when they are handed out again (write after free).
 *
 * Context: as mm/frame.h: threads and boot, never interrupt handlers; nothing sleeps.
 * All return NULL when memory is exhausted; every caller unwinds.
 */
#include "kernel/lib/compiler.h"
#include "kernel/lib/list.h"

#include "kernel/core/spinlock.h"
#include "mm/addr.h"

struct slab_cache {
	const char *name;
	uint32_t size;   /* bytes the caller may use */
	uint32_t id;     /* of its magazine on each CPU; 0 until first used */
	uint32_t stride; /* from object to object */
	uint32_t order;  /* of the frames blocks */
	uint32_t per_slab;
	uint32_t cookie;         /* offset of the cookie, behind the caller's bytes */
	bool has_own_lines;      /* no two objects have a cache line in common */
	struct slab_cache *next; /* in the list of caches that exist */
	struct spinlock lock;
	struct list_node partial; /* of struct slab_page, see slab.c */
} __aligned(64);

/* clang-format off */
#define SLAB_CACHE_INIT(name_, size_) \
	{.name = (name_), .size = (size_), .lock = SPINLOCK_INIT(LOCK_SLAB)}
/* clang-format on */

/* A cache of objects of @type, as a file-scope variable: static SLAB_CACHE(thing_cache, struct
 * thing); */
#define SLAB_CACHE(name_, type) struct slab_cache name_ = SLAB_CACHE_INIT(#type, sizeof(type))

/* The same for objects that are written often, each by another CPU maybe. */
/* clang-format off */
#define SLAB_CACHE_OF_LINES(name_, type)                     \
	struct slab_cache name_ = {.name = #type,            \
				   .size = sizeof(type),     \
				   .has_own_lines = true,    \
				   .lock = SPINLOCK_INIT(LOCK_SLAB)}
/* clang-format on */

/** One object of the cache, contents undefined, aligned to 16; or NULL. */
void *slab_alloc(struct slab_cache *cache) __must_check;
/** The same, all zero. */
void *slab_alloc_zero(struct slab_cache *cache) __must_check;
/** Give an object back to the cache that it came from. NULL is allowed. */
void slab_free(struct slab_cache *cache, void *object);

/** @size bytes, aligned to 16 (pages from 4096 bytes on); size 0 is a caller's bug. */
void *kmalloc(size_t size) __must_check;
void *kzalloc(size_t size) __must_check;
/** @count objects of @size bytes, zero; NULL when the product overflows. */
void *kcalloc(size_t count, size_t size) __must_check;
/** Resize: contents kept up to the smaller size. On NULL the old object stays valid. */
void *krealloc(void *object, size_t size) __must_check;
/** Give back what kmalloc and its kin returned. NULL is allowed. */
void kfree(void *object);

/** Bytes that fit in the object behind @pointer from there on, or 0 if it is in no live heap
 *  object. For the bounds check of user copies. */
size_t slab_room(const void *pointer);

/** Objects in use over all caches (state digest, leak tests). */
uint64_t slab_used_count(void);
/** Give empty slabs and the magazines of all CPUs back (exact tests, memory pressure). */
void slab_drain(void);

/* Free objects begin with it, behind their link. */
#define SLAB_POISON 0xa5a5a5a5a5a5a5a5ull
/** Fill the free objects with it to their end: shown by mistake, it is known (P-M4-18). */
void slab_poison_free(void);
