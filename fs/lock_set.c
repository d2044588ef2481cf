/* SPDX-License-Identifier: BSD-2-Clause */
#include "fs/lock_set.h"

#include "kernel/lib/bits.h"
#include "kernel/lib/compiler.h"

static struct lock_range *range_at(struct rb_node *node)
{
	return node ? container_of(node, struct lock_range, by_start) : NULL;
}

static struct lock_range *owned_at(struct rb_node *node)
{
	return node ? container_of(node, struct lock_range, by_owner) : NULL;
}

static void update(struct rb_node *node)
{
	struct lock_range *range = range_at(node);

	range->last_end = range->end;
	range->last_write_end = range->write ? range->end : 0;
	for (unsigned side = 0; side < 2; side++) {
		const struct lock_range *child = range_at(node->child[side]);

		if (!child)
			continue;
		range->last_end = MAX(range->last_end, child->last_end);
		range->last_write_end = MAX(range->last_write_end, child->last_write_end);
	}
}

void lock_set_init(struct lock_set *set)
{
	set->ranges = (struct rb_tree){.update = update};
	set->owners = (struct rb_tree){};
}

static struct lock_owner *owner_at(struct rb_node *node)
{
	return node ? container_of(node, struct lock_owner, node) : NULL;
}

struct lock_owner *lock_owner_find(const struct lock_set *set, const void *key)
{
	struct lock_owner *owner = owner_at(set->owners.root);

	while (owner && owner->key != key)
		owner = owner_at(owner->node.child[(uintptr_t)owner->key < (uintptr_t)key]);
	return owner;
}

void lock_owner_add(struct lock_set *set, struct lock_owner *owner)
{
	struct rb_node *parent = NULL;
	struct rb_node *next = set->owners.root;
	unsigned side = 0;

	while (next) {
		parent = next;
		side = (uintptr_t)owner_at(parent)->key < (uintptr_t)owner->key;
		next = parent->child[side];
	}
	owner->set = set;
	owner->ranges = (struct rb_tree){};
	rb_insert(&set->owners, &owner->node, parent, side);
}

void lock_owner_remove(struct lock_owner *owner)
{
	ASSERT(!owner->ranges.root);
	rb_erase(&owner->set->owners, &owner->node);
}

/* Whether a subtree may hold something in the way of what begins at @start. */
static bool may_hold(const struct lock_range *top, const struct lock_span *span)
{
	return top && (span->write ? top->last_end : top->last_write_end) > span->start;
}

static bool is_in_the_way(const struct lock_range *range, const struct lock_span *span)
{
	return range->start < span->end && range->end > span->start &&
	       (span->write || range->write);
}

/* The leftmost range of a subtree that stands in the way of @span, whoever's. */
static struct lock_range *first_in(struct lock_range *top, const struct lock_span *span)
{
	while (top) {
		struct lock_range *left = range_at(top->by_start.child[0]);

		if (may_hold(left, span)) {
			top = left;
			continue;
		}
		if (is_in_the_way(top, span))
			return top;
		if (top->start >= span->end)
			return NULL;
		top = range_at(top->by_start.child[1]);
		if (!may_hold(top, span))
			return NULL;
	}
	return NULL;
}

static struct lock_range *next_after(struct lock_range *range, const struct lock_span *span)
{
	struct rb_node *node = &range->by_start;

	for (;;) {
		struct lock_range *right = range_at(node->child[1]);
		struct rb_node *from;

		range = may_hold(right, span) ? first_in(right, span) : NULL;
		if (range)
			return range;
		do {
			from = node;
			node = node->parent;
			if (!node)
				return NULL;
		} while (node->child[1] == from);
		if (is_in_the_way(range_at(node), span))
			return range_at(node);
	}
}

struct lock_range *lock_set_conflict(const struct lock_set *set, const void *key,
				     const struct lock_span *span)
{
	struct lock_range *range = first_in(range_at(set->ranges.root), span);

	while (range && range->owner->key == key)
		range = next_after(range, span);
	return range;
}

static void add_to_set(struct lock_range *range)
{
	struct rb_tree *tree = &range->owner->set->ranges;
	struct rb_node *parent = NULL;
	struct rb_node *next = tree->root;
	unsigned side = 0;

	while (next) {
		parent = next;
		side = range_at(parent)->start <= range->start;
		next = parent->child[side];
	}
	rb_insert(tree, &range->by_start, parent, side);
}

static void add(struct lock_range *range)
{
	struct rb_tree *tree = &range->owner->ranges;
	struct rb_node *parent = NULL;
	struct rb_node *next = tree->root;
	unsigned side = 0;

	while (next) {
		parent = next;
		side = owned_at(parent)->start <= range->start;
		next = parent->child[side];
	}
	rb_insert(tree, &range->by_owner, parent, side);
	add_to_set(range);
}

/* The owner's first range that ends at @at or behind it: neighbours count. */
static struct lock_range *owned_from(const struct lock_owner *owner, uint64_t at)
{
	struct lock_range *best = NULL;
	struct lock_range *range = owned_at(owner->ranges.root);

	while (range) {
		if (range->end >= at) {
			best = range;
			range = owned_at(range->by_owner.child[0]);
		} else {
			range = owned_at(range->by_owner.child[1]);
		}
	}
	return best;
}

bool lock_owner_splits(const struct lock_owner *owner, const struct lock_span *span)
{
	const struct lock_range *range = owned_from(owner, span->start + 1);

	return range && range->start < span->start && range->end > span->end;
}

static void set_end(struct lock_range *range, uint64_t end)
{
	range->end = end;
	rb_update_path(&range->owner->set->ranges, &range->by_start);
}

/* Its place among the owner's own stays: they are disjoint. */
static void set_start(struct lock_range *range, uint64_t start)
{
	rb_erase(&range->owner->set->ranges, &range->by_start);
	range->start = start;
	add_to_set(range);
}

static struct lock_range *use_spare(struct lock_range *spare[2], struct lock_owner *owner,
				    const struct lock_span *span)
{
	struct lock_range *range = spare[0] ? spare[0] : spare[1];

	ASSERT(range);
	spare[spare[0] ? 0 : 1] = NULL;
	range->owner = owner;
	range->start = span->start;
	range->end = span->end;
	range->write = span->write;
	list_init(&range->waiters);
	return range;
}

/* Takes [start, end) out of a range of another kind, or whole. */
static void cut(struct lock_range *range, const struct lock_span *span, struct lock_range *spare[2],
		struct list_node *gone)
{
	const struct lock_span tail = {span->end, range->end, range->write};

	if (range->start < span->start && range->end > span->end) {
		set_end(range, span->start);
		add(use_spare(spare, range->owner, &tail));
	} else if (range->start < span->start) {
		set_end(range, span->start);
	} else if (range->end > span->end) {
		set_start(range, span->end);
	} else {
		rb_erase(&range->owner->set->ranges, &range->by_start);
		rb_erase(&range->owner->ranges, &range->by_owner);
		list_add_tail(gone, &range->waiters);
	}
}

void lock_set_change(struct lock_owner *owner, const struct lock_span *span, bool lock,
		     struct lock_range *spare[2], void (*changed)(struct lock_range *range),
		     struct list_node *gone)
{
	struct lock_span all = *span;
	struct lock_range *range = owned_from(owner, span->start);

	while (range && range->start <= span->end) {
		struct lock_range *next = owned_at(rb_next(&range->by_owner));
		bool joins = lock && range->write == span->write;
		bool apart = range->start == span->end || range->end == span->start;

		if (joins) {
			/* Same kind, overlapping or side by side: one range of all. */
			all.start = MIN(all.start, range->start);
			all.end = MAX(all.end, range->end);
		}
		if (joins || !apart) {
			changed(range);
			cut(range, joins ? &all : span, spare, gone);
		}
		range = next;
	}
	if (lock)
		add(use_spare(spare, owner, &all));
}
