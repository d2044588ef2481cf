/* SPDX-License-Identifier: BSD-2-Clause */
#pragma once
/*
 * The areas of a space once more, as an array with one byte a page: slow and plainly right.
 * The unit test and the fuzzer run both side by side.
 */
#include <stdint.h>
#include <stdlib.h>

#include "mm/space/area.h"
#include "tests/unit/check.h"

#define MODEL_PAGES 512
#define MODEL_BASE  0x10000ull
#define MODEL_END   (MODEL_BASE + MODEL_PAGES * 4096ull)

struct model {
	struct area_tree areas;
	uint8_t prot[MODEL_PAGES]; /* 0: free, else prot + 1 */
	bool first[MODEL_PAGES];   /* an area begins here */
};

static inline unsigned model_page(uint64_t address)
{
	return (unsigned)((address - MODEL_BASE) / 4096);
}

static inline uint64_t model_address(unsigned page)
{
	return MODEL_BASE + page * 4096ull;
}

static inline void model_init(struct model *m)
{
	memset(m, 0, sizeof(*m));
	area_tree_init(&m->areas);
}

static inline bool model_free(const struct model *m, unsigned page, unsigned count)
{
	for (unsigned i = page; i < page + count; i++) {
		if (m->prot[i])
			return false;
	}
	return true;
}

/* Map [page, page + count) if all of it is free. */
static inline void model_map(struct model *m, unsigned page, unsigned count, uint32_t prot)
{
	struct area *area = calloc(1, sizeof(*area));
	bool fits = model_free(m, page, count) && count > 0;
	enum err error;

	area->start = model_address(page);
	area->end = model_address(page + count);
	area->prot = prot;
	area->offset = area->start;
	error = area_insert(&m->areas, area);
	CHECK_EQ(error, fits ? OK : count == 0 ? ERR_INVAL : ERR_EXIST);
	if (error != OK) {
		free(area);
		return;
	}
	for (unsigned i = page; i < page + count; i++)
		m->prot[i] = (uint8_t)(prot + 1);
	m->first[page] = true;
}

static inline void model_cut(struct model *m, uint64_t at)
{
	struct area *area = area_find(&m->areas, at);
	struct area *upper;

	if (area == NULL || area->start == at)
		return;
	upper = calloc(1, sizeof(*upper));
	area_split(&m->areas, area, at, upper);
	m->first[model_page(at)] = true;
}

/* Unmap whatever is in the range, cutting areas at both ends. */
static inline void model_unmap(struct model *m, unsigned page, unsigned count)
{
	uint64_t start = model_address(page);
	uint64_t end = model_address(page + count);
	struct area *area;

	model_cut(m, start);
	if (page + count < MODEL_PAGES)
		model_cut(m, end);
	while ((area = area_first_in(&m->areas, start, end)) != NULL) {
		CHECK(area->start >= start && area->end <= end);
		area_erase(&m->areas, area);
		free(area);
	}
	for (unsigned i = page; i < page + count; i++) {
		m->prot[i] = 0;
		m->first[i] = false;
	}
}

static inline void model_merge_at(struct model *m, unsigned page)
{
	struct area *upper = area_find(&m->areas, model_address(page));
	struct area *lower = upper != NULL ? area_prev(upper) : NULL;

	if (lower == NULL || !area_can_merge(lower, upper))
		return;
	m->first[model_page(upper->start)] = false;
	area_merge(&m->areas, lower, upper);
	free(upper);
}

/* Grow or shrink the area that holds @page so that it ends at @end. */
static inline void model_resize(struct model *m, unsigned page, unsigned end)
{
	struct area *area = area_find(&m->areas, model_address(page));
	unsigned old_end;
	bool fits;

	if (area == NULL)
		return;
	old_end = model_page(area->end);
	fits = end <= old_end || model_free(m, old_end, end - old_end);
	if (end <= model_page(area->start)) {
		CHECK_EQ(area_resize(&m->areas, area, area->start, model_address(end)), ERR_INVAL);
		return;
	}
	CHECK_EQ(area_resize(&m->areas, area, area->start, model_address(end)),
		 fits ? OK : ERR_EXIST);
	if (!fits)
		return;
	for (unsigned i = model_page(area->start);
	     i < MODEL_PAGES && i < (end > old_end ? end : old_end); i++)
		m->prot[i] = (uint8_t)(i < end ? area->prot + 1 : 0);
}

/* The same at its begin; its bytes stay where they are in the object. */
static inline void model_resize_front(struct model *m, unsigned page, unsigned start)
{
	struct area *area = area_find(&m->areas, model_address(page));
	unsigned old_start;
	bool fits;

	if (area == NULL || start >= model_page(area->end))
		return;
	old_start = model_page(area->start);
	fits = start >= old_start || model_free(m, start, old_start - start);
	CHECK_EQ(area_resize(&m->areas, area, model_address(start), area->end),
		 fits ? OK : ERR_EXIST);
	if (!fits)
		return;
	m->first[old_start] = false;
	m->first[start] = true;
	for (unsigned i = start < old_start ? start : old_start; i < model_page(area->end); i++)
		m->prot[i] = (uint8_t)(i < start ? 0 : area->prot + 1);
}

/* Both placements must give the model's answer. */
static inline void model_place(const struct model *m, unsigned count, unsigned low, unsigned high)
{
	uint64_t address = 0;
	unsigned page;
	enum err error;

	for (page = low; page + count <= high && !model_free(m, page, count); page++)
		continue;
	error = area_gap_lowest(&m->areas, count * 4096ull, 4096, model_address(low),
				model_address(high), &address);
	if (count == 0) {
		CHECK_EQ(error, ERR_INVAL);
		return;
	}
	CHECK_EQ(error, page + count <= high ? OK : ERR_NOMEM);
	if (error == OK)
		CHECK_EQ(model_page(address), page);
	error = area_gap_highest(&m->areas, count * 4096ull, 4096, model_address(low),
				 model_address(high), &address);
	CHECK_EQ(error, page + count <= high ? OK : ERR_NOMEM);
	if (error != OK)
		return;
	for (page = high - count; !model_free(m, page, count); page--)
		continue;
	CHECK_EQ(model_page(address), page);
}

/* Aligned placement may give up early, but what it gives is free, aligned and in range. */
static inline void model_place_aligned(const struct model *m, unsigned count, uint64_t align)
{
	uint64_t at[2];
	bool got[2];

	got[0] = area_gap_lowest(&m->areas, count * 4096ull, align, MODEL_BASE, MODEL_END,
				 &at[0]) == OK;
	got[1] = area_gap_highest(&m->areas, count * 4096ull, align, MODEL_BASE, MODEL_END,
				  &at[1]) == OK;
	CHECK_EQ(got[0], got[1]);
	for (int i = 0; i < 2 && got[0]; i++) {
		CHECK(at[i] % align == 0 && at[i] >= MODEL_BASE &&
		      at[i] + count * 4096ull <= MODEL_END);
		CHECK(model_free(m, model_page(at[i]), count));
	}
}

/* What a node says of its subtree is what its own fields and its children's give. */
static inline void model_summary(const struct rb_node *node)
{
	const struct area *area = area_of((struct rb_node *)node);
	const struct area *left = area_of(node->child[0]), *right = area_of(node->child[1]);
	uint64_t floor = area->guard < area->start ? area->start - area->guard : 0;
	uint64_t gap = left ? left->max_gap : 0;

	if (left && floor > left->high && floor - left->high > gap)
		gap = floor - left->high;
	if (right && right->max_gap > gap)
		gap = right->max_gap;
	if (right && right->low > area->end && right->low - area->end > gap)
		gap = right->low - area->end;
	CHECK_EQ(area->low, left ? left->low : floor);
	CHECK_EQ(area->high, right ? right->high : area->end);
	CHECK_EQ(area->max_gap, gap);
}

static inline int model_depth(const struct rb_node *node)
{
	int left;
	int right;

	if (node == NULL)
		return 0;
	model_summary(node);
	CHECK(!node->red || node->parent != NULL);
	for (int side = 0; side < 2; side++) {
		CHECK(node->child[side] == NULL || node->child[side]->parent == node);
		CHECK(!node->red || node->child[side] == NULL || !node->child[side]->red);
	}
	left = model_depth(node->child[0]);
	right = model_depth(node->child[1]);
	CHECK_EQ(left, right);
	return left + !node->red;
}

/* Tree, augmentation and array agree. */
static inline void model_compare(const struct model *m)
{
	uint64_t gap = 0;
	uint64_t end = 0;
	size_t count = 0;
	unsigned page = 0;

	model_depth(m->areas.tree.root);
	for (struct area *area = area_first(&m->areas); area != NULL; area = area_next(area)) {
		CHECK(area->start >= end);
		CHECK_EQ(area->offset, area->start);
		if (count++ > 0 && area->start - end > gap)
			gap = area->start - end;
		for (; page < model_page(area->start); page++)
			CHECK_EQ(m->prot[page], 0);
		CHECK(m->first[page]);
		for (; page < model_page(area->end); page++) {
			CHECK_EQ(m->prot[page], area->prot + 1);
			CHECK(area_find(&m->areas, model_address(page)) == area);
			CHECK(m->first[page] == (model_address(page) == area->start));
		}
		end = area->end;
	}
	for (; page < MODEL_PAGES; page++) {
		CHECK_EQ(m->prot[page], 0);
		CHECK(area_find(&m->areas, model_address(page)) == NULL);
	}
	CHECK_EQ(count, m->areas.count);
	if (count > 0)
		CHECK_EQ(area_of(m->areas.tree.root)->max_gap, gap);
}

/* What area_tree_copy() is given: it fails when @left areas are made. */
struct model_copies {
	size_t made, left;
};

static inline enum err model_copy_one(struct area *of, void *context, struct area **copy)
{
	struct model_copies *copies = context;

	if (copies->left == 0)
		return ERR_NOMEM;
	copies->left--;
	copies->made++;
	*copy = malloc(sizeof(**copy));
	**copy = *of;
	(*copy)->low = (*copy)->high = (*copy)->max_gap = 1; /* the tree's business */
	return OK;
}

static inline size_t model_take_apart(struct area_tree *areas)
{
	struct rb_node *at = NULL;
	struct area *area;
	size_t count = 0;

	while ((area = area_take_apart(areas, &at)) != NULL) {
		free(area);
		count++;
	}
	CHECK_EQ(areas->count, 0);
	return count;
}

/* A copy that ends in the middle, if there are more than @limit, else one to go on with. */
static inline void model_copy(struct model *m, size_t limit)
{
	struct model_copies copies = {.left = limit};
	size_t count = m->areas.count;
	struct area_tree copy;
	enum err error;

	area_tree_init(&copy);
	error = area_tree_copy(&copy, &m->areas, model_copy_one, &copies);
	CHECK_EQ(error, count <= limit ? OK : ERR_NOMEM);
	CHECK_EQ(copies.made, count <= limit ? count : limit);
	CHECK_EQ(copy.count, copies.made);
	if (error == OK)
		model_depth(copy.tree.root);
	if (error != OK) {
		CHECK_EQ(model_take_apart(&copy), copies.made);
		return;
	}
	CHECK_EQ(model_take_apart(&m->areas), count);
	m->areas = copy;
}

static inline void model_destroy(struct model *m)
{
	model_unmap(m, 0, MODEL_PAGES);
	CHECK_EQ(m->areas.count, 0);
	CHECK(m->areas.tree.root == NULL);
}

/* One operation out of four bytes: the fuzzer's alphabet, and the random test's. */
static inline void model_step(struct model *m, const uint8_t op[4])
{
	unsigned page = (op[1] | (op[0] & 0x10u) << 4) % MODEL_PAGES;
	unsigned count = op[2] % 33;

	if (count > MODEL_PAGES - page)
		count = MODEL_PAGES - page;
	switch (op[0] & 7) {
	case 0:
	case 1:
	case 2:
		model_map(m, page, count, op[3] % 3);
		break;
	case 3:
		model_unmap(m, page, count);
		break;
	case 4:
		model_merge_at(m, page);
		break;
	case 5:
		if (op[3] & 0x80)
			model_resize_front(m, page, page < count ? 0 : page - count + op[3] % 8);
		else
			model_resize(m, page, page + count);
		break;
	case 6:
		model_place(m, op[3] % 65, page, page + (MODEL_PAGES - page) * (op[2] + 1u) / 256);
		break;
	default:
		if (op[3] & 0x80)
			model_copy(m, op[2]);
		else
			model_place_aligned(m, count + 1, 4096ull << op[3] % 6);
		break;
	}
}
