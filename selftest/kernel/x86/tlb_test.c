/* SPDX-License-Identifier: BSD-2-Clause */
/* A changed leaf acts once its flush has returned: by page, by range, by root. */
#include "kernel/x86/cpu.h"
#include "kernel/x86/percpu.h"
#include "kernel/x86/root.h"
#include "kernel/x86/tlb.h"
#include "kernel/x86/usercopy_raw.h"
#include "mm/frame.h"
#include "mm/table.h"
#include "selftest/ring3.h"
#include "selftest/selftest.h"

#define MARK_CODE  0x11111111u
#define MARK_STACK 0x22222222u
#define MANY_PAGES 100u

static void by_page(struct root *root)
{
	tlb_flush_page(root, RING3_STACK);
}

static void by_range(struct root *root)
{
	tlb_flush_range(root, RING3_STACK - PAGE_SIZE, RING3_STACK + PAGE_SIZE);
}

static void by_long_range(struct root *root)
{
	tlb_flush_range(root, RING3_STACK, RING3_STACK + MANY_PAGES * PAGE_SIZE);
}

static uint32_t seen_by_user_copy(void)
{
	uint32_t value = 0;

	return usercopy_get_u32(&value, (const uint32_t *)RING3_STACK) == 0 ? value : 0;
}

/* The stack page becomes the code page's frame and back, each time seen before and after. */
static bool change_is_seen(struct ring3 *ring3, void (*flush)(struct root *root))
{
	pte_t *leaf = table_leaf_find(ring3->root, RING3_STACK);
	pte_t before = *leaf;
	bool ok = seen_by_user_copy() == MARK_STACK;

	table_leaf_change(leaf, frame_phys(ring3->code).raw | PTE_P | PTE_U | PTE_NX);
	flush(ring3->root);
	ok = seen_by_user_copy() == MARK_CODE && ok;
	table_leaf_change(leaf, before);
	flush(ring3->root);
	return seen_by_user_copy() == MARK_STACK && ok;
}

SELFTEST(M9, 5, flush_acts_before_it_returns)
{
	void (*const flushes[])(struct root *) = {by_page, by_range, by_long_range, tlb_flush_root};
	uint32_t marks[2] = {MARK_CODE, MARK_STACK};
	struct ring3 ring3;
	unsigned wrong = 0;

	CHECK(ring3_open(&ring3));
	ring3_code(&ring3, 0, &marks[0], sizeof(marks[0]));
	*(uint32_t *)frame_virt(ring3.stack) = marks[1];
	uint64_t flags = irq_save();
	struct root *before = cpu_self()->root;

	root_switch(ring3.root);
	for (unsigned i = 0; i < sizeof(flushes) / sizeof(flushes[0]); i++)
		wrong += !change_is_seen(&ring3, flushes[i]);
	root_switch(before ? before : &kernel_root);
	irq_restore(flags);
	ring3_close(&ring3);
	CHECK(wrong == 0);
	return true;
}
