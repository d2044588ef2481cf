/* SPDX-License-Identifier: BSD-2-Clause */
/* The buddy allocator against a map of frames, one byte each. */
#include "mm/frame_internal.h"
#include "tests/unit/check.h"

#define FRAMES (4u << FRAME_ORDER_MAX)
#define HOLE   100u /* no RAM: from here on, so many */
#define HOLES  37u

/* What the database is to the kernel; before and behind it is nothing. */
struct layout layout;
static struct frame *frames;
static uint8_t taken[FRAMES]; /* by somebody, or no RAM */
static uint64_t seed = 3;

struct block {
	uint32_t number, order;
};
static struct block blocks[FRAMES];
static uint32_t block_count;

/* Whether [number, number + 2^order) is free, and whether its buddy is as well. */
static bool is_free(uint64_t number, unsigned order)
{
	for (uint64_t i = number; i < number + (1ull << order); i++)
		if (taken[i])
			return false;
	return true;
}

/* A free frame's block is the largest aligned one around it that is free. */
static unsigned order_of(uint64_t number)
{
	unsigned order = 0;

	while (order < FRAME_ORDER_MAX && is_free(number >> (order + 1) << (order + 1), order + 1))
		order++;
	return order;
}

/* Every block that should be there is in its list, and nothing else. */
static void check_lists(void)
{
	uint64_t free_frames = 0, listed = 0;

	for (uint64_t i = 0; i < FRAMES; i++) {
		bool head = !taken[i] && i % (1ull << order_of(i)) == 0;

		CHECK_EQ((frames[i].flags & FRAME_F_BUDDY) != 0, head);
		CHECK_EQ(frames[i].order, head ? order_of(i) : 0);
		CHECK_EQ(frames[i].flags & ~FRAME_F_BUDDY, FRAME_F_POISON);
		free_frames += !taken[i];
	}
	for (unsigned order = 0; order <= FRAME_ORDER_MAX; order++) {
		uint64_t before = listed;

		list_for_each(link, &frame_pool.lists[order])
		{
			const struct frame *frame = list_entry(link, struct frame, link);

			CHECK_EQ(frame->order, order);
			listed += 1ull << order;
		}
		CHECK_EQ(frame_pool.orders >> order & 1, listed != before);
	}
	CHECK_EQ(frame_pool.orders >> FRAME_ORDER_MAX >> 1, 0);
	CHECK_EQ(listed, free_frames);
	CHECK_EQ(frame_pool.free, free_frames);
}

/* The order of the smallest block that has room for @order; above the greatest: none. */
static unsigned smallest_fit(unsigned order)
{
	unsigned least = FRAME_ORDER_MAX + 1;

	for (uint64_t i = 0; i < FRAMES; i++)
		if (!taken[i] && order_of(i) >= order && order_of(i) < least)
			least = order_of(i);
	return least;
}

static void take(unsigned order, bool looks)
{
	unsigned fit = looks ? smallest_fit(order) : 0;
	struct frame *frame = buddy_take(order);
	uint64_t number;

	if (looks)
		CHECK_EQ(frame != NULL, fit <= FRAME_ORDER_MAX);
	if (!frame)
		return;
	number = (uint64_t)(frame - frames);
	CHECK(number % (1ull << order) == 0 && number < FRAMES && is_free(number, order));
	if (looks)
		CHECK_EQ(order_of(number), fit);
	memset(taken + number, 1, 1ull << order);
	blocks[block_count++] = (struct block){(uint32_t)number, order};
}

static void put(uint32_t which)
{
	struct block block = blocks[which];

	blocks[which] = blocks[--block_count];
	memset(taken + block.number, 0, 1ull << block.order);
	buddy_put(frames + block.number, block.order);
}

/* All frames but the hole, one by one or in the pieces that boot gives. */
static void fill(void)
{
	for (uint32_t i = 0; i < FRAMES; i++) {
		bool hole = i >= HOLE && i < HOLE + HOLES;

		frames[i] = (struct frame){.type = hole ? FRAME_RESERVED : FRAME_FREE,
					   .flags = FRAME_F_POISON};
		taken[i] = 1;
	}
	for (unsigned order = 0; order <= FRAME_ORDER_MAX; order++)
		list_init(&frame_pool.lists[order]);
	for (uint32_t i = 0; i < FRAMES; i++) {
		if (frames[i].type != FRAME_FREE)
			continue;
		taken[i] = 0;
		buddy_put(frames + i, 0);
	}
}

static void test_random(void)
{
	for (unsigned step = 0; step < 4000; step++) {
		uint64_t r = check_random(&seed);
		/* Times of growing and of shrinking, so that there is now much, now little. */
		bool grows = (r & 7) < (step / 500 % 2 ? 3 : 5);
		unsigned order = (unsigned)(r >> 8) % 4 * ((unsigned)(r >> 16) % 4);

		if (grows || block_count == 0)
			take(order, step % 16 == 0);
		else
			put((uint32_t)(r >> 32) % block_count);
		if (step % 16 == 0)
			check_lists();
	}
	while (block_count)
		put(block_count - 1);
	check_lists();
}

/* One that nobody may join with another: the greatest stay apart. */
static void test_greatest(void)
{
	uint32_t last = block_count;

	while (block_count < FRAMES) {
		take(FRAME_ORDER_MAX, true);
		if (block_count == last)
			break;
		last = block_count;
	}
	CHECK_EQ(block_count, (FRAMES >> FRAME_ORDER_MAX) - 1);
	check_lists();
	while (block_count)
		put(0);
	check_lists();
}

int main(void)
{
	frames = aligned_alloc(64, FRAMES * sizeof(*frames));
	layout.frames = (uint64_t)frames;
	fill();
	check_lists();
	test_greatest();
	test_random();
	free(frames);
	return check_done("buddy");
}
