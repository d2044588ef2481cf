/* SPDX-License-Identifier: BSD-2-Clause */
#include "selftest/mm/scratch.h"

#include "kernel/x86/cpu.h"
#include "kernel/x86/percpu.h"
#include "kernel/x86/tlb.h"

#define USER_RW (PTE_P | PTE_U | PTE_W | PTE_NX)

static void switch_root(struct root *root)
{
	uint64_t flags = irq_save();

	root_switch(root);
	irq_restore(flags);
}

static bool map_page(struct scratch *scratch, unsigned n)
{
	pte_t *leaf = table_leaf_create(scratch->root, scratch_address(n));
	struct frame *frame = leaf != NULL ? frame_alloc(FRAME_ANON, FRAME_ZERO) : NULL;

	if (frame == NULL)
		return false;
	table_leaf_set(leaf, frame_phys(frame).raw | USER_RW);
	scratch->frames[n] = frame;
	return true;
}

bool scratch_begin(struct scratch *scratch, unsigned mask)
{
	*scratch = (struct scratch){.root = table_root_create(), .before = cpu_self()->root};
	if (scratch->root == NULL)
		return false;
	for (unsigned n = 0; n < SCRATCH_PAGES; n++)
		if (mask >> n & 1 && !map_page(scratch, n))
			return false;
	switch_root(scratch->root);
	return true;
}

void scratch_protect(struct scratch *scratch, unsigned n, pte_t rights)
{
	pte_t *leaf = table_leaf_find(scratch->root, scratch_address(n));

	*leaf = rights != 0 ? frame_phys(scratch->frames[n]).raw | rights : 0;
	tlb_flush_page(scratch->root, scratch_address(n));
}

char *scratch_page(const struct scratch *scratch, unsigned n)
{
	return frame_virt(scratch->frames[n]);
}

pte_t *scratch_table(const struct root *root, uint64_t va, unsigned level)
{
	pte_t *table = table_at(root->pml4_phys);

	for (unsigned at = TABLE_LEVELS; at > level; at--)
		table = table_at(table[level_index(va, at)]);
	return table;
}

void scratch_end(struct scratch *scratch)
{
	if (scratch->root == NULL)
		return;
	switch_root(scratch->before);
	for (unsigned n = 0; n < SCRATCH_PAGES; n++) {
		pte_t *leaf;

		if (scratch->frames[n] == NULL)
			continue;
		leaf = table_leaf_find(scratch->root, scratch_address(n));
		*leaf = 0;
		table_leaves_cleared(leaf, 1);
		table_trim(scratch->root, scratch_address(n));
		frame_put(scratch->frames[n]);
	}
	root_put(scratch->root);
}
