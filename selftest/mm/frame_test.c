/* SPDX-License-Identifier: BSD-2-Clause */
/* The frame database: classes, double use, wrong frees, old contents. */
#include "kernel/lib/bits.h"
#include "kernel/lib/san.h"
#include "kernel/lib/string.h"

#include "kernel/core/boot_info.h"
#include "kernel/core/limits.h"
#include "kernel/x86/percpu.h"
#include "mm/frame_internal.h"
#include "mm/init.h"
#include "mm/table_internal.h"
#include "selftest/expect.h"
#include "selftest/mm/scratch.h"
#include "selftest/selftest.h"

/* Frames that a boot takes: half of 256 MiB, as many of a larger machine. */
#define TAKE_MAX 32768u

static bool class_agrees(uint32_t class, enum frame_type type)
{
	switch (class) {
	case MEM_USABLE:
		return type != FRAME_INITRD && type != FRAME_BOOT && type != FRAME_RESERVED;
	case MEM_KERNEL:
		return type == FRAME_IMAGE || type == FRAME_TABLE;
	case MEM_INITRD:
		return type == FRAME_INITRD;
	case MEM_BOOT:
		return type == FRAME_BOOT;
	default:
		return type == FRAME_RESERVED;
	}
}

/* Counts the frames of a range by type; false at the first that contradicts its class. */
static bool sweep_range(const struct mem_range *range, uint64_t *counts)
{
	bool ram = range->class == MEM_USABLE;

	for (uint64_t at = MAX(range->base, PAGE_SIZE); at < range->end; at += PAGE_SIZE) {
		/* RAM has records without gaps; for the rest one must look first. */
		const struct frame *frame = ram ? frame_of(phys(at)) : frame_lookup(phys(at));
		enum frame_type type = frame != NULL ? frame->type : FRAME_RESERVED;

		if (!class_agrees(range->class, type))
			return false;
		counts[type]++;
	}
	return true;
}

SELFTEST(M1, 1, every_frame_one_class)
{
	uint64_t counts[FRAME_TYPE_COUNT] = {0};
	const struct boot_info *info = boot_info();
	uint64_t total = 0;

	CHECK(info->range_count != 0);
	for (size_t i = 0; i < info->range_count; i++)
		if (info->ranges[i].base < ram_end)
			CHECK(sweep_range(&info->ranges[i], counts));
	for (unsigned type = FRAME_FREE; type < FRAME_TYPE_COUNT; type++)
		total += counts[type];
	CHECK(total == frame_total_count());
	CHECK(counts[FRAME_FREE] == frame_free_count());
	CHECK(counts[FRAME_TABLE] == frame_type_count(FRAME_TABLE));
	CHECK(counts[FRAME_IMAGE] == frame_type_count(FRAME_IMAGE));
	CHECK(counts[FRAME_INITRD] == frame_type_count(FRAME_INITRD));
	return true;
}

SELFTEST(M1, 9, frame_zero_is_nobodys)
{
	const struct frame *zero = frame_lookup(phys(0));

	CHECK(zero == NULL || zero->type == FRAME_RESERVED);
	return true;
}

/* All blocks that were taken: linked through their own first words. */
struct taken {
	struct taken *next;
	unsigned order;
};

static struct taken *taken;
static uint64_t taken_frames;

static bool mark(uint64_t *map, const struct frame *block, unsigned order)
{
	for (uint64_t i = 0; i < 1ull << order; i++) {
		uint64_t number = frame_number(block) + i;

		if (number == 0 || map[number / 64] >> number % 64 & 1)
			return false;
		map[number / 64] |= 1ull << number % 64;
	}
	return true;
}

static bool take_order(uint64_t *map, unsigned order)
{
	uint64_t limit = order == 0 ? TAKE_MAX : TAKE_MAX / (FRAME_ORDER_MAX + 1) * (11 - order);
	struct frame *block;

	while (taken_frames < limit &&
	       (block = frame_alloc_order(order, FRAME_KERNEL, FRAME_RESERVE)) != NULL) {
		struct taken *node = frame_virt(block);

		node->next = taken;
		node->order = order;
		taken = node;
		taken_frames += 1ull << order;
		if (!mark(map, block, order) || !is_aligned(frame_number(block), 1ull << order))
			return false;
	}
	return true;
}

static void give_all_back(void)
{
	while (taken != NULL) {
		struct taken *node = taken;

		taken = node->next;
		frame_free_order(frame_of_virt(node), node->order);
	}
	taken_frames = 0;
}

SELFTEST(M1, 2, no_frame_twice)
{
	unsigned order = log2_ceil(DIV_ROUND_UP(frame_pool.limit / 8, PAGE_SIZE) + 1);
	struct frame *map;
	bool once = true;
	uint64_t before;

	frame_drain_cache();
	before = frame_free_count();
	map = frame_alloc_order(order, FRAME_KERNEL, FRAME_ZERO);
	CHECK(map != NULL);
	for (unsigned at = FRAME_ORDER_MAX + 1; once && at-- > 0;)
		once = take_order(frame_virt(map), at);
	CHECK(taken_frames != 0);
	give_all_back();
	frame_free_order(map, order);
	CHECK(once);
	CHECK(frame_free_count() == before);
	return true;
}

/* What another CPU keeps is not lost to the one that needs it: the last CPU's cache plays its part.
 */
SELFTEST(M1, 2, frames_that_others_keep_are_found)
{
	struct frame_cache *mine = cpu_self()->frames;
	struct frame_cache *other = &frame_caches[LIMIT_CPUS - 1];
	uint64_t free, reserve = frame_pool.reserve;
	struct frame *frame;

	frame_drain_cache();
	free = frame_free_count();
	cpu_self()->frames = other;
	frame = frame_alloc(FRAME_KERNEL, 0);
	cpu_self()->frames = mine;
	CHECK(frame != NULL && other->count != 0 && mine->count == 0);
	frame_free(frame);
	frame_cache_flush(mine, 0);
	frame_pool.reserve = frame_pool.free;
	frame = frame_alloc(FRAME_KERNEL, 0);
	frame_pool.reserve = reserve;
	CHECK(frame != NULL && other->count == 0);
	frame_free(frame);
	CHECK(frame_free_count() == free);
	return true;
}

static void do_free(void *frame)
{
	frame_free(frame);
}

static void do_free_pair(void *frame)
{
	frame_free_order(frame, 1);
}

SELFTEST(M1, 3, wrong_frees_of_frames_are_caught)
{
	uint64_t free_before = frame_free_count();
	struct frame *frame = frame_alloc(FRAME_KERNEL, 0);
	struct frame *pair = frame_alloc_order(1, FRAME_KERNEL, 0);

	CHECK(frame != NULL && pair != NULL);
	CHECK(expect_assert(do_free, frame_of(phys(0))));
	CHECK(expect_assert(do_free, pair + 1));
	CHECK(expect_assert(do_free, pair));
	CHECK(expect_assert(do_free_pair, frame));
	CHECK(expect_assert(do_free, frame_of_virt(phys_to_virt(phys(boot_info()->image_phys)))));
	frame_free(frame);
	CHECK(expect_assert(do_free, frame));
	frame_free_order(pair, 1);
	CHECK(expect_assert(do_free_pair, pair));
	CHECK(frame_free_count() == free_before);
	return true;
}

static void do_alloc(void *out)
{
	*(struct frame **)out = frame_alloc(FRAME_KERNEL, 0);
}

SELFTEST(M1, 3, write_to_a_free_frame_is_caught)
{
	struct frame *frame = frame_alloc(FRAME_KERNEL, 0);
	struct frame *again = NULL;
	void *last;

	CHECK(frame != NULL);
	frame_free(frame);
	last = (char *)frame_virt(frame) + PAGE_SIZE - 1;
	flip_unchecked(last);
	CHECK(expect_assert(do_alloc, &again) && again == NULL);
	flip_unchecked(last);
	/* The refused frame has left the cache: it is put back by hand. */
	cpu_self()->frames->frames[cpu_self()->frames->count++] = frame;
	again = frame_alloc(FRAME_KERNEL, 0);
	CHECK(again == frame);
	frame_free(again);
	return true;
}

/* Of free frames, too. */
static __unchecked_memory bool all_bytes(const void *at, size_t len, uint8_t byte)
{
	const uint8_t *bytes = at;

	for (size_t i = 0; i < len; i++)
		if (bytes[i] != byte)
			return false;
	return true;
}

SELFTEST(M1, 4, freed_frames_are_poisoned_and_new_ones_zero)
{
	struct frame *frame = frame_alloc(FRAME_ANON, 0);
	struct frame *again;
	char *page;

	CHECK(frame != NULL);
	page = frame_virt(frame);
	memset(page, 0x5a, PAGE_SIZE);
	frame_free(frame);
	CHECK(all_bytes(page, 64, 0xa5) && all_bytes(page + PAGE_SIZE - 64, 64, 0xa5));
	again = frame_alloc(FRAME_ANON, FRAME_ZERO);
	CHECK(again == frame);
	CHECK(all_bytes(page, PAGE_SIZE, 0));
	frame_free(again);
	return true;
}

/* Frames with old contents become the tables of a new root: every entry but ours is 0. */
SELFTEST(M1, 4, new_tables_are_empty)
{
	struct frame *frames[8];
	struct root *root;
	pte_t *leaf;

	mm_drain();
	for (unsigned i = 0; i < ARRAY_SIZE(frames); i++) {
		frames[i] = frame_alloc(FRAME_ANON, 0);
		CHECK(frames[i] != NULL);
		memset(frame_virt(frames[i]), 0x5a, PAGE_SIZE);
	}
	for (unsigned i = 0; i < ARRAY_SIZE(frames); i++)
		frame_free(frames[i]);
	root = table_root_create();
	CHECK(root != NULL);
	leaf = table_leaf_create(root, SCRATCH_BASE);
	CHECK(leaf != NULL &&
	      all_bytes((void *)align_down((uint64_t)leaf, PAGE_SIZE), PAGE_SIZE, 0));
	for (unsigned level = 2; level <= TABLE_LEVELS; level++) {
		const pte_t *table = scratch_table(root, SCRATCH_BASE, level);
		unsigned used = 0;

		for (unsigned i = 0; i < PML4_KERNEL; i++)
			used += table[i] != 0;
		CHECK(used == 1);
	}
	table_trim(root, SCRATCH_BASE);
	root_put(root);
	return true;
}
