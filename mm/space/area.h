/* SPDX-License-Identifier: BSD-2-Clause */
#pragma once
/*
 * The areas of an address space: disjoint page-aligned ranges in a balanced tree that knows the
 * widest gap below each node, so that finding, placing and cutting take logarithmic time. Pure:
 * areas are allocated and freed by the caller.
 *
 * Context of all functions: the caller holds the space's lock (for reading where the tree is
 * const), or owns the tree alone.
 */
#include "kernel/lib/compiler.h"
#include "kernel/lib/errors.h"
#include "kernel/lib/rbtree.h"
#include "kernel/lib/types.h"

#define AREA_PAGE_BYTES 4096

struct mem_object;

struct area {
	struct rb_node node;
	uint64_t start; /* [start, end) */
	uint64_t end;
	uint32_t prot;             /* PROT_* as in mmap */
	uint32_t flags;            /* the space's own; areas merge only when all agree */
	struct mem_object *object; /* NULL: private anonymous memory */
	uint64_t offset;           /* of start, in bytes of the object */
	uint64_t guard;            /* bytes below start that placement leaves free (stacks) */

	/* About the subtree below and with this node; kept by the tree. */
	uint64_t low;     /* lowest start, less that area's guard */
	uint64_t high;    /* highest end */
	uint64_t max_gap; /* widest hole between two areas of the subtree */
};

struct area_tree {
	struct rb_tree tree;
	size_t count;
};

void area_tree_init(struct area_tree *areas);

static inline struct area *area_of(struct rb_node *node)
{
	return node != NULL ? container_of(node, struct area, node) : NULL;
}

/** The area that holds @address, or NULL. The hot path of every page fault. */
static inline struct area *area_find(const struct area_tree *areas, uint64_t address)
{
	struct rb_node *node = areas->tree.root;

	while (node != NULL) {
		struct area *area = container_of(node, struct area, node);

		if (address < area->start)
			node = node->child[0];
		else if (address >= area->end)
			node = node->child[1];
		else
			return area;
	}
	return NULL;
}

/** The first area that ends above @address: the one that holds it, or the next one, or NULL. */
struct area *area_at_or_after(const struct area_tree *areas, uint64_t address);

/** The last area that starts below @address, or NULL. */
struct area *area_before(const struct area_tree *areas, uint64_t address);

/** The first area that shares a byte with [start, end), or NULL. */
struct area *area_first_in(const struct area_tree *areas, uint64_t start, uint64_t end);

static inline struct area *area_first(const struct area_tree *areas)
{
	return area_of(rb_first(&areas->tree));
}

static inline struct area *area_next(const struct area *area)
{
	return area_of(rb_next(&area->node));
}

static inline struct area *area_prev(const struct area *area)
{
	return area_of(rb_prev(&area->node));
}

/* Every area that shares a byte with [from, to); the current one must stay in the tree. */
#define area_for_each_in(here, areas, from, to)                        \
	for (struct area *here = area_first_in((areas), (from), (to)); \
	     here != NULL && here->start < (to); here = area_next(here))

/**
 * Add an area whose fields up to guard are set.
 *
 * Return: OK; ERR_EXIST when it overlaps another; ERR_INVAL when it is empty or reversed.
 */
enum err area_insert(struct area_tree *areas, struct area *area);

/** Take an area out; it is the caller's again. */
void area_erase(struct area_tree *areas, struct area *area);

/**
 * Fill @to, which is empty, with a copy of every area of @from, in the same shape: nothing is
 * searched or balanced. @copy makes one; what is about the subtree and the node comes from the
 * original.
 *
 * Return: OK, or what @copy returned. Then @to is good for area_take_apart() and for a look at each
 * area in turn, nothing else.
 */
typedef enum err area_copy_fn(struct area *of, void *context, struct area **copy);
enum err area_tree_copy(struct area_tree *to, const struct area_tree *from, area_copy_fn *copy,
			void *context);

/**
 * Take one area after the other out of a tree of which nothing is to remain: nothing is balanced.
 * @at: NULL before the first call. Return: NULL when the tree is empty.
 */
struct area *area_take_apart(struct area_tree *areas, struct rb_node **at);

/**
 * Move an area's borders without reaching a neighbour. The offset follows the start.
 *
 * Return: OK; ERR_EXIST when a neighbour is in the way; ERR_INVAL for an empty range.
 */
enum err area_resize(struct area_tree *areas, struct area *area, uint64_t start, uint64_t end);

/**
 * Cut @area at @at, strictly inside it: @area keeps what is below, @upper (a caller's area that
 * is in no tree) gets the rest with the same properties and the offset that belongs to it. The
 * guard stays with the lower part.
 */
void area_split(struct area_tree *areas, struct area *area, uint64_t at, struct area *upper);

/** Whether @upper goes on exactly where @lower ends, with the same properties. */
bool area_can_merge(const struct area *lower, const struct area *upper);

/** Join two areas that can merge: @upper leaves the tree and is the caller's again. */
void area_merge(struct area_tree *areas, struct area *lower, struct area *upper);

/**
 * Find the lowest (or highest) free range of @size bytes at a multiple of @align, a power of
 * two, within [low, high), both
 * page-aligned; @align is at least a page. O(log n). With an alignment above a page a gap is only
 * used where size + align - page fits, as in Linux.
 *
 * @address: set on success.
 * Return: OK; ERR_NOMEM when nothing fits; ERR_INVAL for a size of 0.
 */
enum err area_gap_lowest(const struct area_tree *areas, uint64_t size, uint64_t align, uint64_t low,
			 uint64_t high, uint64_t *address);
enum err area_gap_highest(const struct area_tree *areas, uint64_t size, uint64_t align,
			  uint64_t low, uint64_t high, uint64_t *address);

/* Where mmap may place: downwards from top to bottom, then upwards from top to end. */
struct area_window {
	uint64_t bottom;
	uint64_t top;
	uint64_t end;
};

/**
 * Place @size bytes as Linux does on x86-64: the highest place below the window's top, else the
 * lowest one above it.
 *
 * Return: as area_gap_highest().
 */
enum err area_place(const struct area_tree *areas, uint64_t size, uint64_t align,
		    const struct area_window *window, uint64_t *address);
