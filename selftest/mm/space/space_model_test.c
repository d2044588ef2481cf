/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Random operations on a space beside a plain array of pages: what is mapped, with which rights,
 * and the byte in each page must agree after every step, leaves and areas included.
 */
#include "kernel/lib/bits.h"
#include "kernel/lib/string.h"

#include "mm/init.h"
#include "mm/slab.h"
#include "mm/space/commit.h"
#include "mm/space/mman.h"
#include "mm/space/space_internal.h"
#include "mm/usercopy.h"
#include "mm/walker.h"
#include "selftest/selftest.h"

#define BASE   0x30000000ull
#define PAGES  48u
#define ROUNDS 20000u

struct model_page {
	bool mapped;
	uint8_t prot;
	char byte;
};

struct model {
	struct model_page pages[PAGES];
	struct space *space;
	uint64_t random;
};

static uint32_t draw(struct model *model, uint32_t bound)
{
	model->random = model->random * 6364136223846793005ull + 1442695040888963407ull;
	return (uint32_t)(model->random >> 33) % bound;
}

static uint64_t page_at(uint32_t page)
{
	return BASE + page * PAGE_SIZE;
}

static uint8_t draw_prot(struct model *model)
{
	static const uint8_t prots[] = {PROT_NONE, PROT_READ, PROT_READ | PROT_WRITE,
					PROT_READ | PROT_EXEC};

	return prots[draw(model, ARRAY_SIZE(prots))];
}

static bool step_map(struct model *model, uint32_t page, uint32_t count)
{
	uint8_t prot = draw_prot(model);
	struct map_request request = {.addr = page_at(page),
				      .len = count * PAGE_SIZE,
				      .prot = prot,
				      .flags = MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED};
	uint64_t at;

	for (uint32_t i = page; i < page + count; i++)
		model->pages[i] = (struct model_page){true, prot, 0};
	return space_map(model->space, &request, &at) == OK && at == request.addr;
}

static bool step_unmap(struct model *model, uint32_t page, uint32_t count)
{
	memset(&model->pages[page], 0, count * sizeof(model->pages[0]));
	return space_unmap(model->space, page_at(page), count * PAGE_SIZE) == OK;
}

static bool step_protect(struct model *model, uint32_t page, uint32_t count)
{
	uint8_t prot = draw_prot(model);
	bool whole = true;

	/* What lies before a hole is changed. */
	for (uint32_t i = page; i < page + count; i++) {
		whole = whole && model->pages[i].mapped;
		if (whole)
			model->pages[i].prot = prot;
	}
	return (space_protect(model->space, page_at(page), count * PAGE_SIZE, prot) == OK) == whole;
}

static bool step_write(struct model *model, uint32_t page)
{
	struct model_page *wanted = &model->pages[page];
	char byte = (char)('a' + draw(model, 26));
	bool allowed = wanted->mapped && wanted->prot & PROT_WRITE;

	if (allowed)
		wanted->byte = byte;
	return (copy_to_user((struct uaddr){page_at(page) + 77}, &byte, 1) == OK) == allowed;
}

static bool step_discard(struct model *model, uint32_t page, uint32_t count)
{
	bool whole = true;

	for (uint32_t i = page; i < page + count; i++) {
		whole = whole && model->pages[i].mapped;
		model->pages[i].byte = 0;
	}
	return (space_advise(model->space, page_at(page), count * PAGE_SIZE, MADV_DONTNEED) ==
		OK) == whole;
}

/* The child goes on; in every other case the parent writes into its copy first. */
static bool step_fork(struct model *model, uint32_t page)
{
	struct space *parent = model->space;
	struct space *child;
	char byte = '!';

	if (space_fork(parent, &child) != OK)
		return false;
	if (draw(model, 2) != 0)
		(void)!copy_to_user((struct uaddr){page_at(page) + 77}, &byte, 1);
	space_activate(child);
	space_put(parent);
	model->space = child;
	return true;
}

static bool step(struct model *model)
{
	uint32_t page = draw(model, PAGES);
	uint32_t count = 1 + draw(model, MIN(PAGES - page, 9u));

	switch (draw(model, 12)) {
	case 0:
	case 1:
		return step_map(model, page, count);
	case 2:
		return step_unmap(model, page, count);
	case 3:
	case 4:
		return step_protect(model, page, count);
	case 5:
		return step_discard(model, page, count);
	case 6:
		return step_fork(model, page);
	default:
		return step_write(model, page);
	}
}

static bool page_agrees(const struct model *model, uint32_t page)
{
	const struct model_page *wanted = &model->pages[page];
	const struct area *area = area_find(&model->space->areas, page_at(page));
	struct walk_leaf leaf;
	char byte;
	bool readable = wanted->mapped && wanted->prot != PROT_NONE;

	if ((area != NULL) != wanted->mapped || (area != NULL && area->prot != wanted->prot))
		return false;
	if ((copy_from_user(&byte, (struct uaddr){page_at(page) + 77}, 1) == OK) != readable)
		return false;
	if (!readable)
		return !walk_address(model->space->root, page_at(page), &leaf);
	return byte == wanted->byte && walk_address(model->space->root, page_at(page), &leaf) &&
	       leaf.execute == ((wanted->prot & PROT_EXEC) != 0) &&
	       (!leaf.write || wanted->prot & PROT_WRITE);
}

static bool all_agree(const struct model *model)
{
	struct walk_violation found;

	for (uint32_t page = 0; page < PAGES; page++)
		if (!page_agrees(model, page))
			return false;
	return walk_check(model->space->root, &found);
}

SELFTEST(M9, 9, random_operations_equal_the_model)
{
	struct model *model = kzalloc(sizeof(*model));
	unsigned rounds = selftest_scaled(ROUNDS) / 20;
	uint64_t frames, objects, committed;
	bool agree = true;

	CHECK(model != NULL);
	mm_drain();
	frames = frame_free_count();
	objects = slab_used_count();
	committed = commit_total();
	model->random = 42;
	model->space = space_create(NULL);
	CHECK(model->space != NULL);
	space_activate(model->space);
	for (unsigned i = 0; agree && i < rounds; i++)
		agree = step(model) && (i % 8 != 0 || all_agree(model));
	space_activate(NULL);
	space_put(model->space);
	mm_drain();
	CHECK(agree);
	CHECK(frames == frame_free_count() && objects == slab_used_count() &&
	      committed == commit_total());
	kfree(model);
	return true;
}
