/* SPDX-License-Identifier: BSD-2-Clause */
#include "kernel/lib/bits.h"
#include "kernel/lib/compiler.h"

#include "mm/slab.h"
#include "sec/handle_internal.h"

/* Words of bitmap level @level that @capacity handles need. */
static uint32_t level_words(uint32_t capacity, unsigned level)
{
	uint32_t words = capacity;

	for (unsigned i = 0; i <= level; i++)
		words = DIV_ROUND_UP(words, 64u);
	return words;
}

/* The slots and all levels behind them are one allocation. */
struct handle_array *handle_array_create(uint32_t capacity)
{
	size_t size = sizeof(struct handle_array) + capacity * sizeof(struct handle_slot);
	size_t bitmaps = size;
	struct handle_array *array;

	for (unsigned level = 0; level < HANDLE_LEVELS; level++)
		size += level_words(capacity, level) * sizeof(uint64_t);
	array = kzalloc(size);
	if (!array)
		return NULL;
	array->capacity = capacity;
	for (unsigned level = 0; level < HANDLE_LEVELS; level++) {
		array->level[level] = (uint64_t *)(void *)((char *)array + bitmaps);
		bitmaps += level_words(capacity, level) * sizeof(uint64_t);
	}
	return array;
}

void handle_array_mark(struct handle_array *array, uint32_t handle)
{
	for (unsigned level = 0; level < HANDLE_LEVELS; level++) {
		uint64_t *word = &array->level[level][handle / 64];

		*word |= BIT(handle % 64);
		if (*word != UINT64_MAX)
			return;
		handle /= 64;
	}
}

void handle_array_clear(struct handle_array *array, uint32_t handle)
{
	for (unsigned level = 0; level < HANDLE_LEVELS; level++) {
		uint64_t *word = &array->level[level][handle / 64];
		bool was_full = *word == UINT64_MAX;

		*word &= ~BIT(handle % 64);
		if (!was_full)
			return;
		handle /= 64;
	}
}

bool handle_array_taken(const struct handle_array *array, uint32_t handle)
{
	return array->level[0][handle / 64] >> (handle % 64) & 1;
}

/* The lowest free handle >= first, or at least capacity. Climbs while words are full, then dives.
 */
uint32_t handle_array_find_free(const struct handle_array *array, uint32_t first)
{
	uint64_t at = first;
	unsigned level = 0;

	for (;;) {
		uint64_t word;

		if (at / 64 >= level_words(array->capacity, level))
			return array->capacity;
		word = array->level[level][at / 64] | (BIT(at % 64) - 1);
		if (word != UINT64_MAX) {
			at = at / 64 * 64 + (unsigned)__builtin_ctzll(~word);
			break;
		}
		at = at / 64 + 1;
		if (++level == HANDLE_LEVELS)
			return array->capacity;
	}
	while (level > 0) {
		level--;
		if (at >= level_words(array->capacity, level))
			return array->capacity;
		at = at * 64 + (unsigned)__builtin_ctzll(~array->level[level][at]);
	}
	return at < array->capacity ? (uint32_t)at : array->capacity;
}

void handle_array_share(const struct handle_array *array)
{
	for (uint32_t word = 0; word < level_words(array->capacity, 0); word++) {
		for (uint64_t bits = array->level[0][word]; bits; bits &= bits - 1) {
			struct object *object =
				array->slots[word * 64 + (unsigned)__builtin_ctzll(bits)].object;

			if (object)
				object->flags |= OBJECT_FOUND_UNLOCKED;
		}
	}
}

/* Copies slots and bitmaps of @from to the bigger or equal, empty @to. */
void handle_array_copy(struct handle_array *to, const struct handle_array *from, bool count)
{
	for (uint32_t word = 0; word < level_words(from->capacity, 0); word++) {
		uint64_t bits = from->level[0][word];

		for (; bits; bits &= bits - 1) {
			uint32_t handle = word * 64 + (unsigned)__builtin_ctzll(bits);

			/* A reservation belongs to the thread that made it: not cloned. */
			if (count && !from->slots[handle].object)
				continue;
			to->slots[handle] = from->slots[handle];
			if (count)
				object_get(to->slots[handle].object);
			handle_array_mark(to, handle);
		}
	}
}
