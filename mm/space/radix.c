/* SPDX-License-Identifier: BSD-2-Clause */
#include "mm/space/radix.h"

#include "mm/slab.h"

#define NODE_BITS  6u
#define NODE_SLOTS (1u << NODE_BITS)
#define HEIGHT_MAX 11u /* 66 bits of index */

struct radix_node {
	void *slots[NODE_SLOTS];
	uint64_t used; /* one bit a slot */
};

static SLAB_CACHE(node_cache, struct radix_node);

/* The first index that a tree of this height cannot hold; 0: it can hold all. */
static uint64_t height_limit(uint32_t height)
{
	return height >= HEIGHT_MAX ? 0 : 1ull << (height * NODE_BITS);
}

static bool fits(const struct radix *tree, uint64_t index)
{
	uint64_t limit = height_limit(tree->height);

	return limit == 0 || index < limit;
}

static inline unsigned slot_of(uint64_t index, uint32_t level)
{
	return (unsigned)(index >> ((level - 1) * NODE_BITS)) & (NODE_SLOTS - 1);
}

struct frame *radix_find(const struct radix *tree, uint64_t index)
{
	void *at = tree->root;

	if (!fits(tree, index))
		return NULL;
	for (uint32_t level = tree->height; level > 0 && at != NULL; level--)
		at = ((struct radix_node *)at)->slots[slot_of(index, level)];
	return at;
}

/* The lowest node above @index, or NULL. */
static struct radix_node *lowest_node(const struct radix *tree, uint64_t index)
{
	void *at = tree->root;

	if (tree->height == 0 || !fits(tree, index))
		return NULL;
	for (uint32_t level = tree->height; level > 1 && at != NULL; level--)
		at = ((struct radix_node *)at)->slots[slot_of(index, level)];
	return at;
}

void radix_find_run(const struct radix *tree, uint64_t index, struct frame **frames, uint64_t count)
{
	struct radix_node *node = lowest_node(tree, index);

	for (uint64_t i = 0; i < count; i++) {
		unsigned slot = slot_of(index + i, 1);

		if (i != 0 && slot == 0)
			node = lowest_node(tree, index + i);
		frames[i] = node != NULL ? node->slots[slot] : NULL;
	}
	/* A tree of one page has no node. */
	if (tree->height == 0 && index == 0 && count != 0)
		frames[0] = tree->root;
}

static void set_slot(struct radix_node *node, unsigned slot, void *value)
{
	node->slots[slot] = value;
	if (value != NULL)
		node->used |= 1ull << slot;
	else
		node->used &= ~(1ull << slot);
}

/* Add levels until @index fits. */
static enum err grow(struct radix *tree, uint64_t index)
{
	while (!fits(tree, index)) {
		struct radix_node *node;

		if (tree->root != NULL) {
			node = slab_alloc_zero(&node_cache);
			if (node == NULL)
				return ERR_NOMEM;
			set_slot(node, 0, tree->root);
			tree->root = node;
		}
		tree->height++;
	}
	return OK;
}

static void prune(struct radix *tree, uint64_t index);

enum err radix_insert(struct radix *tree, uint64_t index, struct frame *frame)
{
	void **at = &tree->root;
	struct radix_node *above = NULL;
	enum err err = grow(tree, index);

	for (uint32_t level = tree->height; err == OK && level > 0; level--) {
		struct radix_node *node = *at;

		if (node == NULL) {
			node = slab_alloc_zero(&node_cache);
			if (node == NULL) {
				err = ERR_NOMEM;
				break;
			}
			*at = node;
			if (above != NULL)
				above->used |= 1ull << slot_of(index, level + 1);
		}
		above = node;
		at = &node->slots[slot_of(index, level)];
	}
	if (err != OK) {
		prune(tree, index);
		return err;
	}
	ASSERT(*at == NULL);
	*at = frame;
	if (above != NULL)
		above->used |= 1ull << slot_of(index, 1);
	return OK;
}

/* Free the nodes without slots on the way to @index; the tree shrinks to nothing at the end. */
static void prune(struct radix *tree, uint64_t index)
{
	struct radix_node *path[HEIGHT_MAX + 1];
	void *at = tree->root;
	uint32_t level = tree->height;

	for (; level > 0 && at != NULL; level--) {
		path[level] = at;
		at = path[level]->slots[slot_of(index, level)];
	}
	for (level++; level <= tree->height && path[level]->used == 0; level++) {
		slab_free(&node_cache, path[level]);
		if (level == tree->height)
			tree->root = NULL;
		else
			set_slot(path[level + 1], slot_of(index, level + 1), NULL);
	}
	if (tree->root == NULL)
		tree->height = 0;
}

/* The first used index >= from below @node; true when there is one. */
static bool next_below(const void *at, uint32_t level, uint64_t from, uint64_t *index)
{
	const struct radix_node *node = at;

	if (at == NULL)
		return false;
	if (level == 0) {
		*index = 0;
		return from == 0;
	}
	for (unsigned slot = slot_of(from, level); slot < NODE_SLOTS; slot++) {
		uint64_t rest = slot == slot_of(from, level)
					? from & ((1ull << ((level - 1) * NODE_BITS)) - 1)
					: 0;

		if (!(node->used >> slot & 1) ||
		    !next_below(node->slots[slot], level - 1, rest, index))
			continue;
		*index |= (uint64_t)slot << ((level - 1) * NODE_BITS);
		return true;
	}
	return false;
}

bool radix_next(const struct radix *tree, uint64_t from, uint64_t *index)
{
	return fits(tree, from) && next_below(tree->root, tree->height, from, index);
}

struct frame *radix_take_next(struct radix *tree, uint64_t from, uint64_t *index)
{
	struct radix_node *node = tree->root;
	struct frame *frame;

	if (!radix_next(tree, from, index))
		return NULL;
	if (tree->height == 0) {
		frame = tree->root;
		tree->root = NULL;
		return frame;
	}
	for (uint32_t level = tree->height; level > 1; level--)
		node = node->slots[slot_of(*index, level)];
	frame = node->slots[slot_of(*index, 1)];
	set_slot(node, slot_of(*index, 1), NULL);
	if (node->used == 0)
		prune(tree, *index);
	return frame;
}
