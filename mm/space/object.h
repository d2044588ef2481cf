/* SPDX-License-Identifier: BSD-2-Clause */
#pragma once
/*
 * Memory objects: the one container of pages for tmpfs files, shared anonymous memory, memfds.
 * Pages are FRAME_CACHE frames, found by page index in a radix tree; a hole reads as zeros. The
 * object knows the areas that map it, so that truncation takes the pages out of every space.
 *
 * Context: threads; calls may sleep (the object's lock) and copy to user memory (no lock is held
 *          while they do).
 */
#include "kernel/lib/errors.h"
#include "kernel/lib/list.h"
#include "kernel/lib/refcount.h"

#include "kernel/core/spinlock.h"
#include "mm/addr.h"
#include "mm/space/radix.h"

struct frame;
struct io_iter;
struct mem_object;

struct mem_object_ops {
	/** Fill a new page before anybody sees it (zeroed already). NULL: pages start as zeros. */
	enum err (*fill)(struct mem_object *object, uint64_t index, struct frame *frame);
	/** Pages were added (> 0) or removed (< 0): quota. May refuse an addition. NULL: free. */
	enum err (*account)(struct mem_object *object, int64_t pages);
	/** The last reference is gone, the pages are freed; an embedded object's memory is the
	 *  owner's to free now. NULL: nothing to do. */
	void (*release)(struct mem_object *object);
};

struct mem_object {
	struct refcount count;
	const struct mem_object_ops *ops;
	void *private;       /* of the owner: inode */
	uint64_t size;       /* bytes; pages beyond it cannot be mapped */
	uint64_t page_count; /* pages present */
	struct radix pages;
	struct spinlock lock;      /* tree, size, mappings */
	struct list_node mappings; /* areas that map it: see struct vm_area in space_internal.h */
	uint64_t truncations;      /* a stamp for walks over the mappings */
	uint32_t write_maps;       /* shared mappings that can write */
	uint32_t exec_maps;        /* mappings that can execute */
	bool embedded;             /* the memory is the owner's */
	bool write_sealed;         /* no shared mapping writes any more */
	bool is_eternal;           /* mem_object_make_eternal() */
};

/** A new object with one reference, no pages and @size bytes, or NULL. */
struct mem_object *mem_object_create(const struct mem_object_ops *ops, uint64_t size) __must_check;
/** Likewise in memory of the caller (embedded in an inode); ops->release is told at the end. */
void mem_object_init(struct mem_object *object, const struct mem_object_ops *ops, uint64_t size);

void mem_object_get(struct mem_object *object);
/** The last reference frees the pages. */
void mem_object_put(struct mem_object *object);

/**
 * The page at @index with a reference for the caller.
 *
 * @create: make a missing page (zero, or filled by ops->fill).
 * Return: OK; ERR_NOENT for a hole (without @create); ERR_NOMEM; what ops->account or fill say.
 *         The size is not looked at.
 */
enum err mem_object_frame(struct mem_object *object, uint64_t index, bool create,
			  struct frame **frame);

/**
 * Put a full FRAME_CACHE frame of the caller into the hole at @index; the object takes a
 * reference. Where another thread was faster its page gets the contents.
 *
 * Return: OK, ERR_NOMEM, or what ops->account says. Not for objects with ops->fill.
 */
enum err mem_object_add_frame(struct mem_object *object, uint64_t index, struct frame *frame);

/** Set the size. Pages behind it are removed from the object and from every space; the rest of
 *  a last, partial page is zeroed. */
void mem_object_truncate(struct mem_object *object, uint64_t size);
/** Remove the pages that lie wholly in [start, end), zero the partial ones at its ends. */
void mem_object_punch(struct mem_object *object, uint64_t start, uint64_t end);

/**
 * It and its pages stay for ever and are never mapped shared, so nobody counts and lists who maps
 * it: every process does. Context: before anybody has.
 */
void mem_object_make_eternal(struct mem_object *object);

/** No shared mapping may write from now on. Return: ERR_BUSY: one can already. */
enum err mem_object_seal_writes(struct mem_object *object);

/** Copy up to the size; bytes moved in *@done, also when an error ends it early. */
enum err mem_object_read(struct mem_object *object, uint64_t offset, struct io_iter *it,
			 uint64_t *done);
/** Copy, growing the size with the bytes written. ERR_FAULT, ERR_NOMEM, ERR_NOSPC only when no
 *  byte was moved. */
enum err mem_object_write(struct mem_object *object, uint64_t offset, struct io_iter *it,
			  uint64_t *done);

/** The first page index >= @from that is present (SEEK_DATA), or ERR_NOENT. */
enum err mem_object_next_page(struct mem_object *object, uint64_t from, uint64_t *index);
