/* SPDX-License-Identifier: BSD-2-Clause */
#pragma once
/* Inside sec/: the slots of a handle table and their bitmap. The table's lock guards all of it. */
#include "sec/handle.h"

/** Empty slots for @capacity handles (a multiple of 64), or NULL. */
struct handle_array *handle_array_create(uint32_t capacity);

void handle_array_mark(struct handle_array *array, uint32_t handle);
void handle_array_clear(struct handle_array *array, uint32_t handle);
bool handle_array_taken(const struct handle_array *array, uint32_t handle);

/** The lowest free handle >= @first, or the capacity. */
uint32_t handle_array_find_free(const struct handle_array *array, uint32_t first);

/** What the slots name may be found without a lock from now on. */
void handle_array_share(const struct handle_array *array);

/** Copy to the bigger or equal, empty @to; @count: a reference more for each, reservations left. */
void handle_array_copy(struct handle_array *to, const struct handle_array *from, bool count);

/* The slot of a handle that names something, or NULL. */
static inline struct handle_slot *live_slot(struct handle_table *table, uint32_t handle)
{
	struct handle_array *array = table->array;

	if (handle >= array->capacity || !array->slots[handle].object)
		return NULL;
	return &array->slots[handle];
}
