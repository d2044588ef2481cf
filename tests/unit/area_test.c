/* SPDX-License-Identifier: BSD-2-Clause */
#include "mm/space/area.h"
#include "tests/area_model.h"
#include "tests/unit/check.h"

/* P-M9-09: random operations leave tree and array equal. */
static void test_random_operations(uint64_t seed, unsigned steps)
{
	struct model *m = malloc(sizeof(*m));

	model_init(m);
	for (unsigned i = 0; i < steps; i++) {
		uint64_t r = check_random(&seed);
		uint8_t op[4] = {(uint8_t)(r >> 8), (uint8_t)(r >> 16), (uint8_t)(r >> 24),
				 (uint8_t)(r >> 32)};

		model_step(m, op);
		if (i % 16 == 0)
			model_compare(m);
	}
	model_compare(m);
	model_destroy(m);
	free(m);
}

static struct area make(uint64_t start, uint64_t end)
{
	return (struct area){.start = start, .end = end};
}

static void test_guard_is_left_free(void)
{
	struct area_tree areas;
	struct area low = make(0x10000, 0x20000);
	struct area stack = make(0x80000, 0x90000);
	uint64_t at = 0;

	area_tree_init(&areas);
	stack.guard = 0x20000;
	CHECK_EQ(area_insert(&areas, &low), OK);
	CHECK_EQ(area_insert(&areas, &stack), OK);
	CHECK_EQ(area_gap_highest(&areas, 0x1000, 0x1000, 0x10000, 0x90000, &at), OK);
	CHECK_EQ(at, 0x5f000);
	CHECK_EQ(area_gap_highest(&areas, 0x1000, 0x1000, 0x10000, 0x70000, &at), OK);
	CHECK_EQ(at, 0x5f000);
	CHECK_EQ(area_gap_lowest(&areas, 0x40000, 0x1000, 0x10000, 0x90000, &at), OK);
	CHECK_EQ(at, 0x20000);
	CHECK_EQ(area_gap_lowest(&areas, 0x41000, 0x1000, 0x10000, 0x90000, &at), ERR_NOMEM);
	CHECK_EQ(area_gap_lowest(&areas, 0x1000, 0x1000, 0x60000, 0x90000, &at), ERR_NOMEM);
	CHECK_EQ(area_gap_lowest(&areas, 0x1000, 0x1000, 0x60000, 0x91000, &at), OK);
	CHECK_EQ(at, 0x90000);
	/* A guard wider than the address itself must not wrap. */
	stack.guard = ~0ull;
	CHECK_EQ(area_resize(&areas, &stack, 0x80000, 0x90000), OK);
	CHECK_EQ(area_gap_lowest(&areas, 0x1000, 0x1000, 0x10000, 0x90000, &at), ERR_NOMEM);
}

/* Nothing fits between two that touch, or that a guard brings closer than that. */
static void test_no_gap(void)
{
	struct area_tree areas;
	struct area area[3] = {make(0x10000, 0x20000), make(0x20000, 0x30000),
			       make(0x31000, 0x40000)};
	uint64_t at = 7;

	area_tree_init(&areas);
	area[2].guard = 0x2000;
	for (unsigned i = 0; i < 3; i++)
		CHECK_EQ(area_insert(&areas, &area[i]), OK);
	CHECK_EQ(area_gap_lowest(&areas, 1, 1, 0x10000, 0x40000, &at), ERR_NOMEM);
	CHECK_EQ(area_gap_highest(&areas, 1, 1, 0x10000, 0x40000, &at), ERR_NOMEM);
	CHECK_EQ(at, 7);
	CHECK_EQ(area_gap_lowest(&areas, 0, 1, 0x10000, 0x50000, &at), ERR_INVAL);
	CHECK_EQ(area_gap_highest(&areas, 0, 1, 0, 0x40000, &at), ERR_INVAL);
	CHECK_EQ(at, 7);
}

/* A gap that is just large enough for the worst begin, and one that is not. */
static void test_aligned_gaps(void)
{
	const uint64_t align = 0x10000, size = 0x3000, room = size + align - 0x1000;

	for (unsigned side = 0; side < 2; side++) {
		for (uint64_t lack = 0; lack < 2; lack++) {
			struct area_tree areas;
			struct area low = make(0x101000 - 0x1000, 0x101000);
			struct area high = make(0x101000 + room - lack * 0x1000, 0x200000);
			uint64_t at = 7;
			enum err err;

			area_tree_init(&areas);
			CHECK_EQ(area_insert(&areas, &low), OK);
			CHECK_EQ(area_insert(&areas, &high), OK);
			err = side ? area_gap_highest(&areas, size, align, 0x100000, 0x200000, &at)
				   : area_gap_lowest(&areas, size, align, 0x100000, 0x200000, &at);
			CHECK_EQ(err, lack ? ERR_NOMEM : OK);
			CHECK_EQ(at, lack ? 7 : 0x110000);
		}
	}
}

static void test_split(void)
{
	struct area_tree areas;
	struct area area = make(0x10000, 0x20000), upper;

	area_tree_init(&areas);
	area.guard = 0x3000;
	area.offset = 0x5000;
	area.prot = 3;
	CHECK_EQ(area_insert(&areas, &area), OK);
	area_split(&areas, &area, 0x18000, &upper);
	CHECK(area.start == 0x10000 && area.end == 0x18000 && area.guard == 0x3000);
	CHECK(upper.start == 0x18000 && upper.end == 0x20000 && upper.guard == 0);
	CHECK(upper.offset == 0xd000 && upper.prot == 3 && areas.count == 2);
	/* An area that grows down, as a stack does, takes its object's bytes along. */
	CHECK_EQ(area_resize(&areas, &area, 0xf000, 0x18000), OK);
	CHECK(area.start == 0xf000 && area.offset == 0x4000);
}

static void test_merge_rules(void)
{
	struct area a = make(0x1000, 0x3000);
	struct area b = make(0x3000, 0x4000);

	CHECK(area_can_merge(&a, &b));
	b.prot = 1;
	CHECK(!area_can_merge(&a, &b));
	b.prot = 0;
	b.flags = 1;
	CHECK(!area_can_merge(&a, &b));
	b.flags = 0;
	b.guard = 4096;
	CHECK(!area_can_merge(&a, &b));
	b.guard = 0;
	b.object = (struct mem_object *)&a;
	CHECK(!area_can_merge(&a, &b));
	a.object = b.object;
	CHECK(!area_can_merge(&a, &b));
	b.offset = 0x2000;
	CHECK(area_can_merge(&a, &b));
	b.start = 0x3800;
	CHECK(!area_can_merge(&a, &b));
}

static void test_placement_limits(void)
{
	struct area_tree areas;
	const struct area_window window = {0x1000, 0x10000, 0x40000};
	uint64_t at = 7;

	area_tree_init(&areas);
	CHECK_EQ(area_gap_lowest(&areas, ~0ull, 4096, 0, 0x10000, &at), ERR_NOMEM);
	CHECK_EQ(area_gap_lowest(&areas, ~0ull, 1ull << 40, 0, 0x10000, &at), ERR_NOMEM);
	CHECK_EQ(area_gap_highest(&areas, ~0ull, 1ull << 40, 0, 0x10000, &at), ERR_NOMEM);
	CHECK_EQ(area_gap_highest(&areas, 0x11000, 4096, 0, 0x10000, &at), ERR_NOMEM);
	CHECK_EQ(area_gap_lowest(&areas, 0x1000, 4096, 0x20000, 0x10000, &at), ERR_NOMEM);
	CHECK_EQ(at, 7);
	CHECK_EQ(area_gap_highest(&areas, 0x10000, 4096, 0, 0x10000, &at), OK);
	CHECK_EQ(at, 0);
	CHECK_EQ(area_place(&areas, 0x11000, 4096, &window, &at), OK);
	CHECK_EQ(at, 0x10000);
	CHECK_EQ(area_place(&areas, 0x1000, 4096, &window, &at), OK);
	CHECK_EQ(at, 0xf000);
	CHECK_EQ(area_place(&areas, 0, 4096, &window, &at), ERR_INVAL);
	CHECK_EQ(area_place(&areas, 0x31000, 4096, &window, &at), ERR_NOMEM);
	CHECK_EQ(at, 0xf000);
}

/* A range over many areas is walked in order. */
static void test_for_each(void)
{
	static struct area area[100];
	struct area_tree areas;
	unsigned seen = 10;

	area_tree_init(&areas);
	for (unsigned i = 0; i < 100; i++) {
		area[i] = make(i * 0x2000, i * 0x2000 + 0x1000);
		CHECK_EQ(area_insert(&areas, &area[i]), OK);
	}
	area_for_each_in(here, &areas, 0x14fff, 0x28001)
	{
		CHECK(here == &area[seen]);
		seen++;
	}
	CHECK_EQ(seen, 21);
	CHECK(area_first_in(&areas, 0x1000, 0x2000) == NULL);
	CHECK(area_before(&areas, 0x2001) == &area[1]);
	CHECK(area_before(&areas, 0) == NULL);
}

int main(void)
{
	for (uint64_t seed = 1; seed <= 8; seed++)
		test_random_operations(seed * 0x9e3779b97f4a7c15, 8000);
	test_guard_is_left_free();
	test_no_gap();
	test_aligned_gaps();
	test_split();
	test_merge_rules();
	test_placement_limits();
	test_for_each();
	return check_done("area");
}
