/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Where a new program's parts are put. Bits of randomness in pages: vDSO 22, stack 22, mmap base
 * 28, PIE base 28, heap gap 18 (P-M9-12 measures them); exec adds 9 bits below a page for the
 * stack. From the top down: the vDSO, the stack, the mappings.
 */
#include "kernel/lib/bits.h"

#include "kernel/core/random.h"
#include "mm/space/space_internal.h"

#define VDSO_BITS  22u
#define STACK_BITS 22u
#define MMAP_BITS  28u
#define PIE_BITS   28u
#define BRK_BITS   18u

/* Room for the stack between its top and the mmap base, at least and at most, as on Linux. */
#define STACK_ROOM_MIN MIB(128)
#define STACK_ROOM_MAX (USER_END / 6 * 5)

/* The stack begins below every place that the vDSO may have. */
#define STACK_END (USER_END - (BIT(VDSO_BITS) << PAGE_SHIFT) - VDSO_ROOM)

#define PIE_BASE 0x555555554000ull /* two thirds of the user half, as Linux's */

static uint64_t random_pages(unsigned bits)
{
	return (random_u64() & (BIT(bits) - 1)) << PAGE_SHIFT;
}

void space_choose_layout(struct space *space, struct space_layout *out)
{
	uint64_t room = MAX(space->limits.stack, STACK_ROOM_MIN);

	room = MIN(room, STACK_ROOM_MAX);
	out->vdso_base = STACK_END + random_pages(VDSO_BITS);
	out->stack_top = STACK_END - random_pages(STACK_BITS);
	out->mmap_top = align_down(STACK_END - (BIT(STACK_BITS) << PAGE_SHIFT) - room -
					   STACK_GAP_BYTES - random_pages(MMAP_BITS),
				   PAGE_SIZE);
	out->pie_base = PIE_BASE + random_pages(PIE_BITS);
	out->brk_gap = random_pages(BRK_BITS);
	space->mmap_top = out->mmap_top;
}
