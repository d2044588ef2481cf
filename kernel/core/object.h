/* SPDX-License-Identifier: BSD-2-Clause */
#pragma once
/*
 * What a handle can name: file, memory object, endpoint, device grant. The first member of each;
 * the count says when the thing ends, the operations are all that generic code may do with it.
 */
#include "kernel/lib/refcount.h"
#include "kernel/lib/types.h"

struct object;
struct poll_wait;

struct object_ops {
	const char *type; /* for logs */
	/* Which of @events (POLLIN, ...) are there; registers with @wait (may be NULL). */
	uint32_t (*poll)(struct object *object, uint32_t events, struct poll_wait *wait);
	/* The last reference is gone: free it. */
	void (*close)(struct object *object);
	/* All rights are withdrawn; wakes sleepers with an error. May be NULL. */
	void (*revoke)(struct object *object);
};

/*
 * Somebody may find the object without a lock and then its count at 0: its memory is given back by
 * epoch_retire().
 */
#define OBJECT_FOUND_UNLOCKED 1u

struct object {
	struct refcount count;
	uint32_t flags; /* OBJECT_*; only ever set, by who has a reference */
	const struct object_ops *ops;
};

/** Give a new object its operations and one reference. */
static inline void object_init(struct object *object, const struct object_ops *ops)
{
	refcount_init(&object->count, 1);
	object->flags = 0;
	object->ops = ops;
}

static inline struct object *object_get(struct object *object)
{
	refcount_get(&object->count);
	return object;
}

/** Drop a reference; the last one closes. Context: may sleep. */
static inline void object_put(struct object *object)
{
	if (refcount_put(&object->count))
		object->ops->close(object);
}
