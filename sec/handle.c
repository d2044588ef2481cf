/* SPDX-License-Identifier: BSD-2-Clause */
#include "sec/handle.h"

#include "kernel/lib/bits.h"
#include "kernel/lib/compiler.h"

#include "mm/slab.h"
#include "sec/handle_internal.h"

#define HANDLE_FIRST_CAPACITY 64u

static SLAB_CACHE(handle_table_cache, struct handle_table);

struct handle_table *handle_table_create(void)
{
	struct handle_table *table = slab_alloc_zero(&handle_table_cache);

	if (!table)
		return NULL;
	table->array = handle_array_create(HANDLE_FIRST_CAPACITY);
	if (!table->array) {
		slab_free(&handle_table_cache, table);
		return NULL;
	}
	refcount_init(&table->count, 1);
	spin_init(&table->lock, LOCK_FILES);
	return table;
}

struct handle_table *handle_table_clone(struct handle_table *from)
{
	struct handle_table *table = slab_alloc_zero(&handle_table_cache);
	struct handle_array *array = NULL;

	if (!table)
		return NULL;
	spin_lock(&from->lock);
	while (!array || array->capacity < from->array->capacity) {
		uint32_t capacity = from->array->capacity;

		spin_unlock(&from->lock);
		kfree(array);
		array = handle_array_create(capacity);
		if (!array) {
			slab_free(&handle_table_cache, table);
			return NULL;
		}
		spin_lock(&from->lock);
	}
	handle_array_copy(array, from->array, true);
	table->used = from->used;
	spin_unlock(&from->lock);
	table->array = array;
	refcount_init(&table->count, 1);
	spin_init(&table->lock, LOCK_FILES);
	return table;
}

void handle_table_share(struct handle_table *table)
{
	spin_lock(&table->lock);
	if (!table->shared)
		handle_array_share(table->array);
	__atomic_store_n(&table->shared, true, __ATOMIC_RELEASE);
	spin_unlock(&table->lock);
}

void handle_table_free(struct handle_table *table)
{
	struct object *object;
	uint32_t from = 0;

	while ((object = handle_remove_next(table, &from, 0)))
		object_put(object);
	kfree(table->array);
	slab_free(&handle_table_cache, table);
}

static void array_reclaim(struct epoch_node *node)
{
	kfree(container_of(node, struct handle_array, epoch));
}

/* @array is not the table's, or not any more. */
static void drop_array(const struct handle_table *table, struct handle_array *array)
{
	if (table->shared)
		epoch_retire(&array->epoch, array_reclaim);
	else
		kfree(array);
}

/* Makes room for handle @wanted. Called and returns with the lock held; drops it meanwhile. */
static enum err table_grow(struct handle_table *table, uint32_t wanted)
{
	uint32_t capacity = table->array->capacity;
	struct handle_array *array;
	struct handle_array *old;

	while (capacity <= wanted)
		capacity *= 2;
	spin_unlock(&table->lock);
	array = handle_array_create(capacity);
	spin_lock(&table->lock);
	if (!array)
		return ERR_NOMEM;
	old = table->array;
	if (old->capacity >= capacity) {
		old = array;
	} else {
		handle_array_copy(array, old, false);
		__atomic_store_n(&table->array, array, __ATOMIC_RELEASE);
	}
	spin_unlock(&table->lock);
	drop_array(table, old);
	spin_lock(&table->lock);
	return OK;
}

enum err handle_reserve(struct handle_table *table, uint32_t first, uint32_t limit, uint32_t *out)
{
	enum err error = OK;
	uint32_t handle;

	if (limit > HANDLE_TABLE_MAX)
		limit = HANDLE_TABLE_MAX;
	if (first >= limit)
		return first ? ERR_INVAL : ERR_MFILE;
	spin_lock(&table->lock);
	for (;;) {
		handle = first < table->array->capacity
				 ? handle_array_find_free(table->array, first)
				 : first;
		if (handle >= limit) {
			error = ERR_MFILE;
			goto out_unlock;
		}
		if (handle < table->array->capacity)
			break;
		error = table_grow(table, handle);
		if (error)
			goto out_unlock;
	}
	handle_array_mark(table->array, handle);
	*out = handle;
out_unlock:
	spin_unlock(&table->lock);
	return error;
}

void handle_unreserve(struct handle_table *table, uint32_t handle)
{
	spin_lock(&table->lock);
	ASSERT(handle_array_taken(table->array, handle) && !table->array->slots[handle].object);
	handle_array_clear(table->array, handle);
	spin_unlock(&table->lock);
}

/* Lets a slot name @object, which is complete. The table is locked. */
static void slot_fill(const struct handle_table *table, struct handle_slot *slot,
		      struct object *object, uint32_t flags)
{
	if (table->shared)
		object->flags |= OBJECT_FOUND_UNLOCKED;
	slot->flags = flags;
	__atomic_store_n(&slot->object, object, __ATOMIC_RELEASE);
}

void handle_install(struct handle_table *table, uint32_t handle, struct object *object,
		    uint32_t flags)
{
	struct handle_slot *slot;

	spin_lock(&table->lock);
	slot = &table->array->slots[handle];
	ASSERT(handle_array_taken(table->array, handle) && !slot->object);
	slot_fill(table, slot, object, flags);
	table->used++;
	spin_unlock(&table->lock);
}

uint32_t handle_capacity(struct handle_table *table)
{
	uint32_t capacity;

	spin_lock(&table->lock);
	capacity = table->array->capacity;
	spin_unlock(&table->lock);
	return capacity;
}

static struct object *slot_empty(struct handle_table *table, uint32_t handle)
{
	struct handle_slot *slot = &table->array->slots[handle];
	struct object *object = slot->object;

	__atomic_store_n(&slot->object, NULL, __ATOMIC_RELEASE);
	slot->flags = 0;
	handle_array_clear(table->array, handle);
	table->used--;
	return object;
}

struct object *handle_remove(struct handle_table *table, uint32_t handle)
{
	struct object *object = NULL;

	spin_lock(&table->lock);
	if (live_slot(table, handle))
		object = slot_empty(table, handle);
	spin_unlock(&table->lock);
	return object;
}

enum err handle_replace(struct handle_table *table, uint32_t handle, uint32_t limit,
			struct object *object, uint32_t flags, struct object **old)
{
	struct handle_slot *slot;
	enum err error = OK;

	if (handle >= limit || handle >= HANDLE_TABLE_MAX)
		return ERR_BADF;
	spin_lock(&table->lock);
	if (handle >= table->array->capacity)
		error = table_grow(table, handle);
	if (error)
		goto out_unlock;
	slot = &table->array->slots[handle];
	if (!slot->object && handle_array_taken(table->array, handle)) {
		error = ERR_BUSY;
		goto out_unlock;
	}
	*old = slot->object;
	if (!slot->object) {
		handle_array_mark(table->array, handle);
		table->used++;
	}
	slot_fill(table, slot, object, flags);
out_unlock:
	spin_unlock(&table->lock);
	return error;
}

/* The smallest live handle >= from, or capacity: word by word, so 64 handles a step. */
static uint32_t find_live(const struct handle_table *table, uint32_t from)
{
	const struct handle_array *array = table->array;
	uint32_t handle = from;

	while (handle < array->capacity) {
		uint64_t bits = array->level[0][handle / 64] & ~(BIT(handle % 64) - 1);

		if (!bits) {
			handle = handle / 64 * 64 + 64;
			continue;
		}
		handle = handle / 64 * 64 + (unsigned)__builtin_ctzll(bits);
		if (array->slots[handle].object)
			return handle;
		handle++;
	}
	return array->capacity;
}

bool handle_next(struct handle_table *table, uint32_t from, uint32_t *out)
{
	uint32_t handle;
	bool found;

	spin_lock(&table->lock);
	handle = find_live(table, from);
	found = handle < table->array->capacity;
	spin_unlock(&table->lock);
	if (found)
		*out = handle;
	return found;
}

struct object *handle_remove_next(struct handle_table *table, uint32_t *from, uint32_t mask)
{
	struct object *object = NULL;
	uint32_t handle;

	spin_lock(&table->lock);
	for (handle = find_live(table, *from); handle < table->array->capacity;
	     handle = find_live(table, handle + 1)) {
		if ((table->array->slots[handle].flags & mask) == mask) {
			object = slot_empty(table, handle);
			break;
		}
	}
	*from = handle + 1;
	spin_unlock(&table->lock);
	return object;
}
