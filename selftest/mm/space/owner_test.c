/* SPDX-License-Identifier: BSD-2-Clause */
/* Every frame has one owner, and its record says so; new programs are laid out at random. */
#include "kernel/lib/bits.h"

#include "kernel/x86/root.h"
#include "mm/frame_internal.h"
#include "mm/init.h"
#include "mm/kstack.h"
#include "mm/slab_internal.h"
#include "mm/space/space_internal.h"
#include "mm/walker.h"
#include "selftest/selftest.h"

static bool block_is_whole(const struct frame *head)
{
	for (uint64_t i = 1; i < 1ull << head->order; i++)
		if (head[i].type != FRAME_TAIL || head[i].head != head)
			return false;
	return true;
}

static bool owner_agrees(const struct frame *frame)
{
	uint32_t count = refcount_read(&frame->count);

	switch (frame->type) {
	case FRAME_FREE:
		return count == 0;
	case FRAME_SLAB:
		return count == 1 && frame->slab.cache != NULL && block_is_whole(frame) &&
		       frame->order == frame->slab.cache->order;
	case FRAME_KERNEL:
		return count == 1 && block_is_whole(frame);
	case FRAME_TABLE:
	case FRAME_STACK:
		return count == 1;
	case FRAME_ANON:
		return count >= 1;
	case FRAME_CACHE:
		return count >= 1 &&
		       radix_find(&frame->page.object->pages, frame->page.index) == frame;
	case FRAME_TAIL:
		return count == 0 && frame->head->type >= FRAME_SLAB && frame > frame->head &&
		       frame < frame->head + (1ull << frame->head->order);
	default:
		return true;
	}
}

/* Records come by whole pages: one look says whether these exist. */
#define RECORDS_A_PAGE (PAGE_SIZE >> FRAME_SHIFT)

static bool sweep(uint64_t *counts)
{
	for (uint64_t number = 1; number < frame_pool.limit; number++) {
		const struct frame *frame = frame_at(number);

		if ((number == 1 || number % RECORDS_A_PAGE == 0) &&
		    frame_lookup(phys(number << PAGE_SHIFT)) == NULL) {
			number |= RECORDS_A_PAGE - 1;
			continue;
		}
		if (!owner_agrees(frame))
			return false;
		counts[frame->type == FRAME_TAIL ? frame->head->type : frame->type]++;
	}
	return true;
}

/* Frames that the tables of user spaces, empty ones kept for reuse, and the kernel's are made of.
 */
static bool is_stack_frame(const struct walk_leaf *leaf, void *arg)
{
	(void)arg;
	return frame_of(phys(leaf->pa))->type == FRAME_STACK && leaf->write && !leaf->execute;
}

SELFTEST(M9, 4, frames_have_one_owner)
{
	uint64_t counts[FRAME_TYPE_COUNT] = {0};

	mm_drain();
	CHECK(sweep(counts));
	CHECK(counts[FRAME_FREE] == frame_free_count());
	for (unsigned type = FRAME_IMAGE; type < FRAME_TYPE_COUNT; type++)
		if (type != FRAME_TAIL)
			CHECK(counts[type] == frame_type_count((enum frame_type)type));
	CHECK(walk_root(&kernel_root, layout.stacks, layout.stacks + KSTACK_LIMIT * KSTACK_STEP,
			is_stack_frame, NULL));
	return true;
}

#define DRAWS 256u

/* Bits of @values that take both values. */
static unsigned moving_bits(const uint64_t *values)
{
	uint64_t moved = 0;

	for (unsigned i = 1; i < DRAWS; i++)
		moved |= values[i] ^ values[0];
	unsigned bits = 0;

	for (; moved != 0; moved &= moved - 1)
		bits++;
	return bits;
}

static unsigned distinct(const uint64_t *values)
{
	unsigned count = 0;

	for (unsigned i = 0; i < DRAWS; i++) {
		unsigned j = 0;

		while (values[j] != values[i])
			j++;
		count += i == j;
	}
	return count;
}

SELFTEST(M9, 12, layouts_are_random)
{
	struct space *space = space_create(NULL);
	uint64_t(*values)[DRAWS] = kcalloc(5 * DRAWS, sizeof(uint64_t));

	CHECK(space != NULL && values != NULL);
	for (unsigned i = 0; i < DRAWS; i++) {
		struct space_layout drawn;

		space_choose_layout(space, &drawn);
		CHECK(drawn.stack_top <= USER_END && drawn.mmap_top < drawn.stack_top);
		CHECK(drawn.mmap_top >= MIB(64) && drawn.pie_base >= MIB(64));
		CHECK(((drawn.stack_top | drawn.mmap_top | drawn.pie_base) & PAGE_MASK) == 0);
		values[0][i] = drawn.stack_top;
		values[1][i] = drawn.mmap_top;
		values[2][i] = drawn.pie_base;
		values[3][i] = drawn.brk_gap;
		CHECK(drawn.vdso_base >= drawn.stack_top && !(drawn.vdso_base & PAGE_MASK));
		CHECK(drawn.vdso_base <= USER_END - VDSO_ROOM);
		values[4][i] = drawn.vdso_base - drawn.stack_top;
	}
	space_put(space);
	CHECK(moving_bits(values[0]) >= 22 && distinct(values[0]) >= DRAWS - 4);
	CHECK(moving_bits(values[1]) >= 28 && distinct(values[1]) >= DRAWS - 1);
	CHECK(moving_bits(values[2]) >= 28 && distinct(values[2]) >= DRAWS - 1);
	CHECK(moving_bits(values[3]) >= 18 && distinct(values[3]) >= DRAWS - 4);
	CHECK(moving_bits(values[4]) >= 22 && distinct(values[4]) >= DRAWS - 4);
	kfree(values);
	return true;
}
