/* SPDX-License-Identifier: BSD-2-Clause */
/* What a handle names: looked up with the table's lock, or by threads that share it, without. */
#include "kernel/lib/bits.h"

#include "sec/handle_internal.h"

/*
 * One look without the lock, in an epoch section. Return: whether *@found, counted if there is one,
 * is the answer: it was counted while the slot named it. An array or a slot that changes meanwhile
 * may lead to what is not open any more.
 */
static bool look(struct handle_table *table, uint32_t handle, struct object **found)
{
	struct handle_array *array = __atomic_load_n(&table->array, __ATOMIC_ACQUIRE);
	struct handle_slot *slot;
	struct object *object;

	*found = NULL;
	if (handle >= array->capacity)
		return true;
	slot = &array->slots[index_masked(handle, array->capacity)];
	object = __atomic_load_n(&slot->object, __ATOMIC_ACQUIRE);
	if (!object)
		return true;
	if (!refcount_get_unless_zero(&object->count))
		return false;
	*found = object;
	return __atomic_load_n(&table->array, __ATOMIC_ACQUIRE) == array &&
	       __atomic_load_n(&slot->object, __ATOMIC_ACQUIRE) == object;
}

static struct object *get_unlocked(struct handle_table *table, uint32_t handle)
{
	struct object *object;
	bool is_answer;

	for (;;) {
		epoch_enter();
		is_answer = look(table, handle, &object);
		epoch_exit();
		if (likely(is_answer))
			return object;
		if (object)
			object_put(object);
	}
}

struct object *handle_get(struct handle_table *table, uint32_t handle)
{
	struct object *object = NULL;
	struct handle_slot *slot;

	if (likely(__atomic_load_n(&table->shared, __ATOMIC_ACQUIRE)))
		return get_unlocked(table, handle);

	spin_lock(&table->lock);
	slot = live_slot(table, handle);
	if (slot)
		object = object_get(slot->object);
	spin_unlock(&table->lock);
	return object;
}

bool handle_names(struct handle_table *table, uint32_t handle, const struct object *object)
{
	const struct handle_slot *slot;
	bool names;

	spin_lock(&table->lock);
	slot = live_slot(table, handle);
	names = slot && slot->object == object;
	spin_unlock(&table->lock);
	return names;
}

enum err handle_flags(struct handle_table *table, uint32_t handle, uint32_t *out)
{
	const struct handle_slot *slot;
	enum err error = ERR_BADF;

	spin_lock(&table->lock);
	slot = live_slot(table, handle);
	if (slot) {
		*out = slot->flags;
		error = OK;
	}
	spin_unlock(&table->lock);
	return error;
}

enum err handle_set_flags(struct handle_table *table, uint32_t handle, uint32_t flags)
{
	struct handle_slot *slot;
	enum err error = ERR_BADF;

	spin_lock(&table->lock);
	slot = live_slot(table, handle);
	if (slot) {
		slot->flags = flags;
		error = OK;
	}
	spin_unlock(&table->lock);
	return error;
}
