/* SPDX-License-Identifier: BSD-2-Clause */
/* A storm of forks, writes and ends: each frame's count equals the leaves that name it, always. */
#include "kernel/lib/hash.h"

#include "mm/init.h"
#include "mm/slab.h"
#include "mm/space/commit.h"
#include "mm/space/mman.h"
#include "mm/space/space_internal.h"
#include "mm/usercopy.h"
#include "selftest/selftest.h"

#define AT     0x10000000ull
#define SPACES 12u
#define PAGES  4u
#define STEPS  400u

static const struct map_request area_of_storm = {
	.addr = AT,
	.len = PAGES * PAGE_SIZE,
	.prot = PROT_READ | PROT_WRITE,
	.flags = MAP_PRIVATE | MAP_FIXED | MAP_ANONYMOUS,
};
static struct space *spaces[SPACES]; /* NULL: ended */

static uint64_t address_of(unsigned page)
{
	return AT + page * PAGE_SIZE;
}

/* The frame behind a page of a space, NULL if nobody has touched it. */
static struct frame *frame_behind(const struct space *space, unsigned page)
{
	const pte_t *leaf = table_leaf_find(space->root, address_of(page));

	return leaf != NULL && *leaf != 0 ? leaf_frame(*leaf) : NULL;
}

/* Forks share a page at one address only. */
static uint32_t leaves_of(const struct frame *frame, unsigned page)
{
	uint32_t leaves = 0;

	for (unsigned i = 0; i < SPACES; i++)
		leaves += spaces[i] != NULL && frame_behind(spaces[i], page) == frame;
	return leaves;
}

static bool counts_are_right(void)
{
	for (unsigned i = 0; i < SPACES * PAGES; i++) {
		const struct space *space = spaces[i / PAGES];
		const struct frame *frame = space ? frame_behind(space, i % PAGES) : NULL;

		if (frame != NULL && frame != zero_frame &&
		    refcount_read(&frame->count) != leaves_of(frame, i % PAGES))
			return false;
	}
	return true;
}

/* By ring 3's way, through the running space's tables. */
static bool write_to(struct space *space, uint64_t address, char byte)
{
	bool written;

	space_activate(space);
	written = copy_to_user((struct uaddr){address}, &byte, 1) == OK;
	space_activate(NULL);
	return written;
}

static bool step(uint64_t random)
{
	struct space **from = &spaces[random % SPACES];
	struct space **to = &spaces[(random >> 8) % SPACES];
	uint64_t address = address_of((unsigned)(random >> 16) % PAGES);

	if (*from == NULL)
		return true;
	switch (random >> 24 & 3) {
	case 0:
	case 1:
		return *to != NULL || space_fork(*from, to) == OK;
	case 2:
		return write_to(*from, address, (char)random);
	default:
		if (*to != NULL && to != from) {
			space_put(*from);
			*from = NULL;
		}
		return true;
	}
}

static bool storm(void)
{
	unsigned steps = selftest_scaled(STEPS);
	uint64_t random = 1;
	bool right = true;

	for (unsigned page = 0; page < PAGES; page++)
		right = right && write_to(spaces[0], address_of(page), 'o');
	for (unsigned i = 0; right && i < steps; i++) {
		random = hash_mix(random ^ 0x9e3779b97f4a7c15ull, 0xe7037ed1a0b428dbull);
		right = step(random) && counts_are_right();
	}
	return right;
}

SELFTEST(M9, 3, counts_equal_leaves)
{
	uint64_t at, before;
	bool right;

	mm_drain();
	before = frame_free_count();
	spaces[0] = space_create(NULL);
	CHECK(spaces[0] != NULL);
	right = space_map(spaces[0], &area_of_storm, &at) == OK && storm();
	for (unsigned i = 0; i < SPACES; i++) {
		if (spaces[i] != NULL)
			space_put(spaces[i]);
		spaces[i] = NULL;
		right = right && counts_are_right();
	}
	mm_drain();
	CHECK(right);
	CHECK(frame_free_count() == before);
	return true;
}

#define ROW        24u
#define ROW_STEP   (3 * PAGE_SIZE)
#define IS_LEFT(i) ((i) % 5 == 1 || (i) == 12)
#define ROW_COPIED 18u

/* A row of areas, some of which no child gets. */
static bool make_row(struct space *space)
{
	struct map_request request = area_of_storm;
	uint64_t at;

	request.len = PAGE_SIZE;
	for (unsigned i = 0; i < ROW; i++) {
		request.addr = AT + i * ROW_STEP;
		CHECK(space_map(space, &request, &at) == OK);
		CHECK(write_to(space, at, (char)('a' + i)));
		if (IS_LEFT(i))
			CHECK(space_advise(space, at, PAGE_SIZE, MADV_DONTFORK) == OK);
	}
	return true;
}

/* With no more promised than what is copied needs. */
static enum err fork_row(struct space *parent, struct space **child)
{
	uint64_t left;
	enum err err;

	mm_drain();
	left = commit_limit() - commit_total() - ROW_COPIED;
	if (commit_charge(NULL, left) != OK)
		return ERR_NOMEM;
	err = space_fork(parent, child);
	commit_release(NULL, left);
	return err;
}

static bool row_is_right(struct space *child)
{
	struct map_request request = area_of_storm;
	uint64_t at;
	char byte;

	for (unsigned i = 0; i < ROW; i++) {
		enum err err = space_read(child, AT + i * ROW_STEP, &byte, 1);

		CHECK(IS_LEFT(i) ? err == ERR_FAULT : err == OK && byte == (char)('a' + i));
	}
	CHECK(child->areas.count == ROW_COPIED && child->mapped_pages == ROW_COPIED);
	CHECK(child->charged_pages == ROW_COPIED && child->anon_pages == ROW_COPIED);
	/* The gap of one that stayed behind is wide enough for what no other is. */
	request.flags &= ~MAP_FIXED;
	request.addr = AT + ROW_STEP;
	request.len = 3 * PAGE_SIZE;
	return space_map(child, &request, &at) == OK && at == request.addr;
}

SELFTEST(M9, 2, what_stays_behind_is_not_copied)
{
	struct space *parent, *child = NULL;
	uint64_t slabs, promised;
	bool right;

	mm_drain();
	slabs = slab_used_count();
	promised = commit_total();
	parent = space_create(NULL);
	CHECK(parent != NULL);
	right = make_row(parent) && fork_row(parent, &child) == OK && row_is_right(child);
	if (child != NULL)
		space_put(child);
	space_put(parent);
	mm_drain();
	CHECK(right);
	CHECK(slab_used_count() == slabs && commit_total() == promised);
	return true;
}

/* Each area of the child is promised memory of its own: without that there is no child. */
SELFTEST(M9, 13, fork_beyond_the_promise_leaves_nothing)
{
	struct space *parent = space_create(NULL), *child = NULL;
	uint64_t at, left, slabs, promised;
	enum err err;

	CHECK(parent != NULL && space_map(parent, &area_of_storm, &at) == OK);
	mm_drain();
	slabs = slab_used_count();
	promised = commit_total();
	left = commit_limit() - promised;
	CHECK(commit_charge(NULL, left) == OK);
	err = space_fork(parent, &child);
	commit_release(NULL, left);
	mm_drain();
	CHECK(err == ERR_NOMEM && child == NULL);
	CHECK(slab_used_count() == slabs && commit_total() == promised);
	space_put(parent);
	return true;
}
