/* SPDX-License-Identifier: BSD-2-Clause */
#include "kernel/lib/rbtree.h"

#include "kernel/lib/assert.h"

static inline bool is_red(const struct rb_node *node)
{
	return node != NULL && node->red;
}

static inline unsigned side_of(const struct rb_node *parent, const struct rb_node *child)
{
	return parent->child[1] == child;
}

static inline void replace_child(struct rb_tree *tree, struct rb_node *parent,
				 const struct rb_node *old, struct rb_node *new)
{
	if (parent == NULL)
		tree->root = new;
	else
		parent->child[side_of(parent, old)] = new;
}

/* @node goes down to @side, its child on the other side takes its place. */
static void rotate(struct rb_tree *tree, struct rb_node *node, unsigned side)
{
	struct rb_node *up = node->child[!side];
	struct rb_node *inner = up->child[side];

	node->child[!side] = inner;
	if (inner != NULL)
		inner->parent = node;
	up->parent = node->parent;
	replace_child(tree, node->parent, node, up);
	up->child[side] = node;
	node->parent = up;
	if (tree->update != NULL) {
		tree->update(node);
		tree->update(up);
	}
}

void rb_update_path(const struct rb_tree *tree, struct rb_node *node)
{
	if (tree->update == NULL)
		return;
	for (; node != NULL; node = node->parent)
		tree->update(node);
}

static void fix_after_insert(struct rb_tree *tree, struct rb_node *node)
{
	while (is_red(node->parent)) {
		struct rb_node *parent = node->parent;
		struct rb_node *grand = parent->parent;
		unsigned side = side_of(grand, parent);
		struct rb_node *uncle = grand->child[!side];

		grand->red = true;
		if (is_red(uncle)) {
			parent->red = false;
			uncle->red = false;
			node = grand;
			continue;
		}
		if (node == parent->child[!side]) {
			rotate(tree, parent, side);
			parent = node;
		}
		parent->red = false;
		rotate(tree, grand, !side);
		break;
	}
	tree->root->red = false;
}

void rb_insert(struct rb_tree *tree, struct rb_node *node, struct rb_node *parent, unsigned side)
{
	node->parent = parent;
	node->child[0] = NULL;
	node->child[1] = NULL;
	node->red = true;
	if (parent == NULL)
		tree->root = node;
	else
		parent->child[side] = node;
	rb_update_path(tree, node);
	fix_after_insert(tree, node);
}

/*
 * The subtree at @parent's @node (which may be NULL) lacks one black node. A missing black
 * implies a sibling, so a NULL @node is found by its side all the same.
 */
static void fix_after_erase(struct rb_tree *tree, struct rb_node *node, struct rb_node *parent)
{
	while (parent != NULL && !is_red(node)) {
		unsigned side = side_of(parent, node);
		struct rb_node *sibling = parent->child[!side];

		ASSERT(sibling != NULL);
		if (sibling->red) {
			sibling->red = false;
			parent->red = true;
			rotate(tree, parent, side);
			sibling = parent->child[!side];
		}
		if (!is_red(sibling->child[0]) && !is_red(sibling->child[1])) {
			sibling->red = true;
			node = parent;
			parent = node->parent;
			continue;
		}
		if (!is_red(sibling->child[!side])) {
			rotate(tree, sibling, !side);
			sibling = parent->child[!side];
		}
		sibling->red = parent->red;
		sibling->child[!side]->red = false;
		parent->red = false;
		rotate(tree, parent, side);
		return;
	}
	if (node != NULL)
		node->red = false;
}

/* Put @node's successor, the first node of its right subtree, into its place. */
static void erase_inner(struct rb_tree *tree, struct rb_node *node)
{
	struct rb_node *next = rb_next(node);
	struct rb_node *hole = next->parent; /* below it a node goes missing */
	struct rb_node *moved = next->child[1];
	bool lost_red = next->red;

	if (hole == node) {
		hole = next;
	} else {
		hole->child[0] = moved;
		if (moved != NULL)
			moved->parent = hole;
		next->child[1] = node->child[1];
		next->child[1]->parent = next;
	}
	next->child[0] = node->child[0];
	next->child[0]->parent = next;
	next->parent = node->parent;
	next->red = node->red;
	replace_child(tree, node->parent, node, next);
	rb_update_path(tree, hole);
	if (!lost_red)
		fix_after_erase(tree, moved, hole);
}

void rb_erase(struct rb_tree *tree, struct rb_node *node)
{
	struct rb_node *only;

	if (node->child[0] != NULL && node->child[1] != NULL) {
		erase_inner(tree, node);
		return;
	}
	only = node->child[node->child[0] == NULL];
	replace_child(tree, node->parent, node, only);
	if (only != NULL)
		only->parent = node->parent;
	rb_update_path(tree, node->parent);
	if (!node->red)
		fix_after_erase(tree, only, node->parent);
}

struct rb_node *rb_end(const struct rb_tree *tree, unsigned side)
{
	struct rb_node *node = tree->root;

	while (node != NULL && node->child[side] != NULL)
		node = node->child[side];
	return node;
}

struct rb_node *rb_step(const struct rb_node *node, unsigned side)
{
	struct rb_node *parent = node->parent;

	if (node->child[side] != NULL) {
		struct rb_node *below = node->child[side];

		while (below->child[!side] != NULL)
			below = below->child[!side];
		return below;
	}
	while (parent != NULL && parent->child[side] == node) {
		node = parent;
		parent = parent->parent;
	}
	return parent;
}
