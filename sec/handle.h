/* SPDX-License-Identifier: BSD-2-Clause */
#pragma once
/*
 * Handle table: small numbers that name counted objects. The lowest free number is found by a
 * bitmap of four levels, so the cost does not grow with the number of handles.
 *
 * Threads that share a table look handles up without its lock, in an epoch section: they count what
 * they find and look once more whether it is still there.
 *
 * Context: thread context; the functions take the table's spinlock (rank LOCK_FILES), never sleep
 * with it and allocate and drop objects outside it.
 */
#include "kernel/lib/errors.h"
#include "kernel/lib/refcount.h"
#include "kernel/lib/types.h"

#include "kernel/core/epoch.h"
#include "kernel/core/object.h"
#include "kernel/core/spinlock.h"

#define HANDLE_CLOEXEC 1u

#define HANDLE_LEVELS    4u
#define HANDLE_TABLE_MAX (1u << 20) /* numbers a table can ever hold; Linux's nr_open */

struct handle_slot {
	struct object *object; /* NULL: free or reserved */
	uint32_t flags;        /* HANDLE_* */
	uint32_t rights;       /* what the holder may do; file handles keep theirs in the file */
};

struct handle_array {
	struct epoch_node epoch;
	uint32_t capacity; /* a multiple of 64 */
	/* Level 0 has a bit a handle (set: taken); a bit above says "that word is full". */
	uint64_t *level[HANDLE_LEVELS];
	struct handle_slot slots[];
};

struct handle_table {
	struct refcount count;
	struct spinlock lock;
	struct handle_array *array;
	uint32_t used;
	bool shared;       /* threads look in without the lock; stays */
	void *private;     /* of the layer above, which frees it */
	uint8_t apart[64]; /* from what stands beside it: each open and close writes here */
};

/** NULL without memory. */
struct handle_table *handle_table_create(void);

/** A table with the same handles, each object counted once more. Return: NULL without memory. */
struct handle_table *handle_table_clone(struct handle_table *from);

static inline struct handle_table *handle_table_get(struct handle_table *table)
{
	refcount_get(&table->count);
	return table;
}

/**
 * From now on several threads use @table: lookups go without the lock. Context: the one thread that
 * uses it so far.
 */
void handle_table_share(struct handle_table *table);

/** Drops a reference. Return: it was the last one: handle_table_free() is due. */
static inline bool handle_table_drop(struct handle_table *table)
{
	return refcount_put(&table->count);
}

/** Closes every handle of a table that nobody holds, and frees it. */
void handle_table_free(struct handle_table *table);

/**
 * Take the lowest free number that is >= @first and < @limit, without an object yet.
 * Return: ERR_MFILE when there is none, ERR_INVAL for @first >= @limit, ERR_NOMEM.
 */
enum err handle_reserve(struct handle_table *table, uint32_t first, uint32_t limit, uint32_t *out);

/** Give a reserved number back. */
void handle_unreserve(struct handle_table *table, uint32_t handle);

/** Let a reserved number name @object; takes over the caller's reference. Cannot fail. */
void handle_install(struct handle_table *table, uint32_t handle, struct object *object,
		    uint32_t flags);

/** The object with a reference more, or NULL. */
struct object *handle_get(struct handle_table *table, uint32_t handle);

/**
 * handle_get() without the lock. Context: the calling thread is the table's only user
 * (handle_table_sole()), so nobody else can change it; whoever looks in from outside counts the
 * table first and changes nothing.
 */
static inline struct object *handle_get_sole(struct handle_table *table, uint32_t handle)
{
	struct handle_array *array = table->array;
	struct object *object = NULL;

	if (likely(handle < array->capacity))
		object = array->slots[handle].object;
	return likely(object != NULL) ? object_get(object) : NULL;
}

/** Whether nobody but the one process that asks holds @table: then what others did to it is seen.
 */
static inline bool handle_table_sole(const struct handle_table *table)
{
	return __atomic_load_n(&table->count.value, __ATOMIC_ACQUIRE) == 1;
}

/** Whether @handle names @object, behind all that was done to the table. */
bool handle_names(struct handle_table *table, uint32_t handle, const struct object *object);

/** Numbers that @table has slots at present: none from there on is open. Context: as handle_get().
 */
uint32_t handle_capacity(struct handle_table *table);

/** Remove a handle and hand its reference to the caller; NULL if it names nothing. */
struct object *handle_remove(struct handle_table *table, uint32_t handle);

/**
 * Let @handle name @object (reference taken over), whatever it named before; the old object is
 * handed to the caller in *@old (NULL: none).
 * Return: ERR_BADF for @handle >= @limit, ERR_BUSY if it is reserved by an open under way,
 * ERR_NOMEM; then @object's reference stays with the caller.
 */
enum err handle_replace(struct handle_table *table, uint32_t handle, uint32_t limit,
			struct object *object, uint32_t flags, struct object **old);

/** Return: ERR_BADF if the handle names nothing. */
enum err handle_flags(struct handle_table *table, uint32_t handle, uint32_t *out);
enum err handle_set_flags(struct handle_table *table, uint32_t handle, uint32_t flags);

/** Smallest handle >= @from that names something; false if none does. */
bool handle_next(struct handle_table *table, uint32_t from, uint32_t *out);

/**
 * Remove the smallest handle >= @from whose flags have all bits of @mask (0: any) and hand its
 * reference to the caller; NULL when none is left. *@from moves on behind it.
 */
struct object *handle_remove_next(struct handle_table *table, uint32_t *from, uint32_t mask);
