/* SPDX-License-Identifier: BSD-2-Clause */
#include "mm/space/area.h"

#include "kernel/lib/assert.h"
#include "kernel/lib/bits.h"
#include "kernel/lib/overflow.h"

/* The lowest address placement may not use because of this area. */
static uint64_t area_floor(const struct area *area)
{
	return area->start - MIN(area->guard, area->start);
}

/* Guards of neighbours may overlap what is mapped: then the gap is empty. */
static uint64_t gap_between(uint64_t end, uint64_t floor)
{
	return floor > end ? floor - end : 0;
}

static void update(struct rb_node *node)
{
	struct area *area = area_of(node);
	struct area *left = area_of(node->child[0]);
	struct area *right = area_of(node->child[1]);
	uint64_t gap = 0;

	area->low = area_floor(area);
	area->high = area->end;
	if (left != NULL) {
		gap = MAX(left->max_gap, gap_between(left->high, area->low));
		area->low = left->low;
	}
	if (right != NULL) {
		gap = MAX(gap, MAX(right->max_gap, gap_between(area->end, right->low)));
		area->high = right->high;
	}
	area->max_gap = gap;
}

void area_tree_init(struct area_tree *areas)
{
	*areas = (struct area_tree){.tree = {.update = update}};
}

struct area *area_at_or_after(const struct area_tree *areas, uint64_t address)
{
	struct area *area = area_of(areas->tree.root);
	struct area *best = NULL;

	while (area != NULL) {
		if (area->end > address) {
			best = area;
			area = area_of(area->node.child[0]);
		} else {
			area = area_of(area->node.child[1]);
		}
	}
	return best;
}

struct area *area_before(const struct area_tree *areas, uint64_t address)
{
	struct area *area = area_of(areas->tree.root);
	struct area *best = NULL;

	while (area != NULL) {
		if (area->start < address) {
			best = area;
			area = area_of(area->node.child[1]);
		} else {
			area = area_of(area->node.child[0]);
		}
	}
	return best;
}

struct area *area_first_in(const struct area_tree *areas, uint64_t start, uint64_t end)
{
	struct area *area = area_at_or_after(areas, start);

	return area != NULL && area->start < end ? area : NULL;
}

enum err area_insert(struct area_tree *areas, struct area *area)
{
	struct rb_node *parent = NULL;
	struct rb_node *node = areas->tree.root;
	unsigned side = 0;

	if (area->start >= area->end)
		return ERR_INVAL;
	while (node != NULL) {
		const struct area *here = area_of(node);

		if (area->start < here->end && here->start < area->end)
			return ERR_EXIST;
		parent = node;
		side = area->start >= here->end;
		node = node->child[side];
	}
	rb_insert(&areas->tree, &area->node, parent, side);
	areas->count++;
	return OK;
}

void area_erase(struct area_tree *areas, struct area *area)
{
	rb_erase(&areas->tree, &area->node);
	areas->count--;
}

/* The node after @at with every node before its children; *@twin moves to its parent's copy. */
static struct rb_node *next_below(struct rb_node *at, struct rb_node **twin, unsigned *side)
{
	const struct rb_node *last = NULL;

	*side = 0;
	if (at->child[0] != NULL)
		return at->child[0];
	*side = 1;
	for (; at != NULL; at = at->parent, *twin = (*twin)->parent) { /* NOLINT: as deep as @at */
		if (at->child[1] != NULL && at->child[1] != last)
			return at->child[1];
		last = at;
	}
	return NULL;
}

enum err area_tree_copy(struct area_tree *to, const struct area_tree *from, area_copy_fn *copy,
			void *context)
{
	struct rb_node *parent = NULL;
	struct rb_node **place = &to->tree.root;
	struct rb_node *at = from->tree.root;
	unsigned side;

	while (at != NULL) {
		struct area *of = area_of(at);
		struct area *area;
		enum err err = copy(of, context, &area);

		if (err != OK)
			return err;
		area->node = (struct rb_node){.parent = parent, .red = at->red};
		area->low = of->low;
		area->high = of->high;
		area->max_gap = of->max_gap;
		*place = &area->node; /* NOLINT: set wherever @at is */
		to->count++;
		parent = &area->node;
		at = next_below(at, &parent, &side);
		if (at != NULL)
			place = &parent->child[side];
	}
	return OK;
}

struct area *area_take_apart(struct area_tree *areas, struct rb_node **at)
{
	struct rb_node *node = *at != NULL ? *at : areas->tree.root;

	if (node == NULL)
		return NULL;
	while (node->child[0] != NULL || node->child[1] != NULL)
		node = node->child[node->child[0] == NULL];
	*at = node->parent;
	if (node->parent == NULL)
		areas->tree.root = NULL;
	else
		node->parent->child[node->parent->child[1] == node] = NULL;
	areas->count--;
	return area_of(node);
}

enum err area_resize(struct area_tree *areas, struct area *area, uint64_t start, uint64_t end)
{
	const struct area *before = area_prev(area);
	const struct area *after = area_next(area);

	if (start >= end)
		return ERR_INVAL;
	if ((before != NULL && start < before->end) || (after != NULL && end > after->start))
		return ERR_EXIST;
	area->offset += start - area->start;
	area->start = start;
	area->end = end;
	rb_update_path(&areas->tree, &area->node);
	return OK;
}

void area_split(struct area_tree *areas, struct area *area, uint64_t at, struct area *upper)
{
	struct rb_node *right = area->node.child[1];

	ASSERT(at > area->start && at < area->end);
	*upper = *area;
	upper->start = at;
	upper->offset = area->offset + (at - area->start);
	upper->guard = 0;
	area->end = at;
	/* The place right behind @area: its own empty side, or the first of its right subtree. What
	 * @area says of its subtree is then made anew, too: it is on the way up. */
	if (right == NULL) {
		rb_insert(&areas->tree, &upper->node, &area->node, 1);
	} else {
		while (right->child[0] != NULL)
			right = right->child[0];
		rb_insert(&areas->tree, &upper->node, right, 0);
	}
	areas->count++;
}

bool area_can_merge(const struct area *lower, const struct area *upper)
{
	if (lower->end != upper->start || lower->prot != upper->prot ||
	    lower->flags != upper->flags || lower->object != upper->object || upper->guard != 0)
		return false;
	return lower->object == NULL ||
	       upper->offset == lower->offset + (lower->end - lower->start);
}

void area_merge(struct area_tree *areas, struct area *lower, struct area *upper)
{
	ASSERT(area_can_merge(lower, upper));
	area_erase(areas, upper);
	lower->end = upper->end;
	rb_update_path(&areas->tree, &lower->node);
}

/* The lowest place of a gap of @size inside the subtree, which is known to have one. */
static uint64_t first_gap_below(const struct area *area, uint64_t size)
{
	for (;;) {
		const struct area *left = area_of(area->node.child[0]);
		const struct area *right = area_of(area->node.child[1]);

		if (left != NULL && left->max_gap >= size) {
			area = left;
			continue;
		}
		if (left != NULL && gap_between(left->high, area_floor(area)) >= size)
			return left->high;
		if (right != NULL && gap_between(area->end, right->low) >= size)
			return area->end;
		ASSERT(right != NULL && right->max_gap >= size);
		area = right;
	}
}

/* The next area in order (on @side) above @area: what is below @area is done by then. */
static const struct area *ancestor_beyond(const struct area *area, unsigned side)
{
	const struct rb_node *node = &area->node;

	while (node->parent != NULL && node->parent->child[side] == node)
		node = node->parent;
	return area_of(node->parent);
}

/* Where the first gap of @size behind @area begins; behind the last area all is free. */
static uint64_t first_gap_after(const struct area *area, uint64_t size)
{
	uint64_t end = area->end;
	struct area *right = area_of(area->node.child[1]);

	for (;;) {
		if (right != NULL && gap_between(end, right->low) >= size)
			return end;
		if (right != NULL && right->max_gap >= size)
			return first_gap_below(right, size);
		if (right != NULL)
			end = right->high;
		area = ancestor_beyond(area, 1);
		if (area == NULL)
			return end;
		if (gap_between(end, area_floor(area)) >= size)
			return end;
		end = area->end;
		right = area_of(area->node.child[1]);
	}
}

/* The end of the highest gap of @size inside the subtree, which is known to have one. */
static uint64_t last_gap_below(const struct area *area, uint64_t size)
{
	for (;;) {
		const struct area *left = area_of(area->node.child[0]);
		const struct area *right = area_of(area->node.child[1]);

		if (right != NULL && right->max_gap >= size) {
			area = right;
			continue;
		}
		if (right != NULL && gap_between(area->end, right->low) >= size)
			return right->low;
		if (left != NULL && gap_between(left->high, area_floor(area)) >= size)
			return area_floor(area);
		ASSERT(left != NULL && left->max_gap >= size);
		area = left;
	}
}

/* Where the last gap of @size before @area ends; before the first area all is free. */
static uint64_t last_gap_before(const struct area *area, uint64_t size)
{
	uint64_t floor = area_floor(area);
	struct area *left = area_of(area->node.child[0]);

	for (;;) {
		if (left != NULL && gap_between(left->high, floor) >= size)
			return floor;
		if (left != NULL && left->max_gap >= size)
			return last_gap_below(left, size);
		if (left != NULL)
			floor = left->low;
		area = ancestor_beyond(area, 0);
		if (area == NULL)
			return floor;
		if (gap_between(area->end, floor) >= size)
			return floor;
		floor = area_floor(area);
		left = area_of(area->node.child[0]);
	}
}

/* The room a gap must have so that an aligned place of @size is in it for certain. */
static uint64_t needed_room(uint64_t size, uint64_t align)
{
	uint64_t more = MAX(align, AREA_PAGE_BYTES) - AREA_PAGE_BYTES;

	return size + MIN(more, UINT64_MAX - size);
}

enum err area_gap_lowest(const struct area_tree *areas, uint64_t size, uint64_t align, uint64_t low,
			 uint64_t high, uint64_t *address)
{
	const struct area *area = area_at_or_after(areas, low);
	uint64_t room = needed_room(size, align);

	if (size == 0)
		return ERR_INVAL;
	if (area != NULL && gap_between(low, area_floor(area)) < room)
		low = first_gap_after(area, room);
	if (!range_within(low, room, high))
		return ERR_NOMEM;
	*address = align_up(low, align);
	return OK;
}

enum err area_gap_highest(const struct area_tree *areas, uint64_t size, uint64_t align,
			  uint64_t low, uint64_t high, uint64_t *address)
{
	const struct area *area = area_before(areas, high);
	const struct area *above = area_at_or_after(areas, high);
	uint64_t room = needed_room(size, align);

	if (size == 0)
		return ERR_INVAL;
	/* The guard of an area above may reach below @high. */
	if (above != NULL)
		high = MIN(high, area_floor(above));
	if (area != NULL && gap_between(area->end, high) < room)
		high = last_gap_before(area, room);
	if (high < room || high - room < low)
		return ERR_NOMEM;
	*address = align_down(high - size, align);
	return OK;
}

enum err area_place(const struct area_tree *areas, uint64_t size, uint64_t align,
		    const struct area_window *window, uint64_t *address)
{
	enum err error = area_gap_highest(areas, size, align, window->bottom, window->top, address);

	if (error == ERR_NOMEM)
		error = area_gap_lowest(areas, size, align, window->top, window->end, address);
	return error;
}
