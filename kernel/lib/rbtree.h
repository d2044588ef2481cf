/* SPDX-License-Identifier: BSD-2-Clause */
#pragma once
/*
 * Intrusive red-black tree. The node stands inside the user's structure; the user walks down
 * and compares, the tree only balances. Depth is at most 2 * log2(n + 1).
 *
 * Optional augmentation: @update recomputes what a node says about its subtree from its own
 * fields and its children's. The tree calls it, children before parents, wherever a subtree
 * changes; users call rb_update_path() after changing such a field themselves.
 *
 * Context of all functions: any; the caller's lock guards the tree.
 */
#include "kernel/lib/types.h"

struct rb_node {
	struct rb_node *parent;
	struct rb_node *child[2]; /* 0: before, 1: after */
	bool red;
};

struct rb_tree {
	struct rb_node *root;
	void (*update)(struct rb_node *node); /* may be NULL */
};

/** Hang @node below @parent on @side, which must be empty (parent NULL: an empty tree). */
void rb_insert(struct rb_tree *tree, struct rb_node *node, struct rb_node *parent, unsigned side);

/** Take @node out. The node's own fields are left stale. */
void rb_erase(struct rb_tree *tree, struct rb_node *node);

/** Recompute the augmentation from @node (may be NULL) up to the root. */
void rb_update_path(const struct rb_tree *tree, struct rb_node *node);

/** The outermost node on @side: 0 the first, 1 the last; NULL when empty. */
struct rb_node *rb_end(const struct rb_tree *tree, unsigned side);

/** The neighbour in order: side 0 the one before, 1 the one after; NULL at the end. */
struct rb_node *rb_step(const struct rb_node *node, unsigned side);

static inline struct rb_node *rb_first(const struct rb_tree *tree)
{
	return rb_end(tree, 0);
}

static inline struct rb_node *rb_last(const struct rb_tree *tree)
{
	return rb_end(tree, 1);
}

static inline struct rb_node *rb_next(const struct rb_node *node)
{
	return rb_step(node, 1);
}

static inline struct rb_node *rb_prev(const struct rb_node *node)
{
	return rb_step(node, 0);
}
