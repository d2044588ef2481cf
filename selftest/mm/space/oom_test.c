/* SPDX-License-Identifier: BSD-2-Clause */
/* Allocation n fails, n = 1, 2, … until an operation succeeds: each failure leaves all as it was.
 */
#include "mm/init.h"
#include "mm/inject.h"
#include "mm/slab.h"
#include "mm/space/commit.h"
#include "mm/space/fault.h"
#include "mm/space/mman.h"
#include "mm/space/space_internal.h"
#include "mm/walker.h"
#include "selftest/selftest.h"

#define AT         0x10000000ull
#define TRIES_MAX  200u
#define AREA_PAGES 16u

struct digest {
	uint64_t frames, objects, committed, areas, leaves;
};

static struct digest digest_of(struct space *space)
{
	mm_drain();
	return (struct digest){frame_free_count(), slab_used_count(), commit_total(),
			       space->areas.count, walk_hash(space->root)};
}

static bool same(struct digest a, struct digest b)
{
	return a.frames == b.frames && a.objects == b.objects && a.committed == b.committed &&
	       a.areas == b.areas && a.leaves == b.leaves;
}

static enum err map_rw(struct space *space, uint64_t addr, uint64_t pages, uint32_t flags)
{
	struct map_request request = {.addr = addr,
				      .len = pages * PAGE_SIZE,
				      .prot = PROT_READ | PROT_WRITE,
				      .flags = flags | MAP_ANONYMOUS | MAP_FIXED};
	uint64_t at;

	return space_map(space, &request, &at);
}

static bool do_fork(struct space *space)
{
	struct space *child;

	if (space_fork(space, &child) != OK)
		return false;
	space_put(child);
	return true;
}

static bool do_map(struct space *space)
{
	return map_rw(space, AT + 0x10000000, 3, MAP_PRIVATE) == OK;
}

static bool do_map_shared(struct space *space)
{
	return map_rw(space, AT + 0x20000000, 3, MAP_SHARED) == OK;
}

static bool do_unmap_middle(struct space *space)
{
	return space_unmap(space, AT + 4 * PAGE_SIZE, PAGE_SIZE) == OK;
}

static bool do_protect_middle(struct space *space)
{
	return space_protect(space, AT + 8 * PAGE_SIZE, PAGE_SIZE, PROT_READ) == OK;
}

static bool do_fault(struct space *space)
{
	return fault_resolve(space, AT + 12 * PAGE_SIZE, FAULT_USER | FAULT_WRITE) == FAULT_OK;
}

static bool do_move(struct space *space)
{
	uint64_t at;

	return space_remap(space, AT + 12 * PAGE_SIZE, 2 * PAGE_SIZE, 4 * PAGE_SIZE, MREMAP_MAYMOVE,
			   0, &at) == OK;
}

/* True when every failure left the digest alone and a later try succeeded. */
static bool fails_cleanly(struct space *space, bool (*operation)(struct space *))
{
	for (unsigned n = 1; n <= TRIES_MAX; n++) {
		struct digest before = digest_of(space);
		bool done, fired;

		inject_arm(n);
		done = operation(space);
		fired = inject_fired();
		inject_arm(0);
		if (done)
			return n > 1;
		if (!fired || !same(before, digest_of(space)))
			return false;
	}
	return false;
}

static struct space *populated_space(void)
{
	struct space *space = space_create(NULL);

	if (space == NULL || map_rw(space, AT, AREA_PAGES, MAP_PRIVATE) != OK ||
	    map_rw(space, AT + 0x8000000, 2, MAP_SHARED) != OK ||
	    space_populate(space, AT, 10 * PAGE_SIZE) != OK ||
	    space_populate(space, AT + 0x8000000, PAGE_SIZE) != OK)
		return NULL;
	return space;
}

SELFTEST(M9, 13, every_allocation_may_fail)
{
	struct space *space = populated_space();

	CHECK(space != NULL);
	CHECK(do_fork(
		space)); /* a fork takes the right to write from the leaves, also one that fails */
	CHECK(fails_cleanly(space, do_fork));
	CHECK(fails_cleanly(space, do_map));
	CHECK(fails_cleanly(space, do_map_shared));
	CHECK(fails_cleanly(space, do_unmap_middle));
	CHECK(fails_cleanly(space, do_protect_middle));
	CHECK(fails_cleanly(space, do_fault));
	CHECK(fails_cleanly(space, do_move));
	space_put(space);
	return true;
}
