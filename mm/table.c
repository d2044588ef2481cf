/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The user half. Each table's frame counts the entries in use; a table without any is taken out
 * at once and, being all zero, kept for the next one who needs a table.
 */
#include "mm/table.h"

#include "kernel/x86/tlb.h"
#include "mm/table_internal.h"
#include "mm/wx.h"

/* Threads that fault at once may all miss the same table: one puts its own in. */
static __noinline pte_t *add_table(pte_t *entry)
{
	struct frame *made = table_frame_alloc();
	pte_t there = 0;

	if (made == NULL)
		return NULL;
	made->live = 0;
	if (__atomic_compare_exchange_n(entry, &there, frame_phys(made).raw | PTE_P | PTE_W | PTE_U,
					false, __ATOMIC_ACQ_REL, __ATOMIC_ACQUIRE)) {
		__atomic_fetch_add(&frame_of_virt(entry)->live, 1, __ATOMIC_RELAXED);
		return frame_virt(made);
	}
	table_frame_free(made);
	return table_at(there);
}

pte_t *table_leaf_create(struct root *root, uint64_t address)
{
	pte_t *table = table_at(root->pml4_phys);

	ASSERT(address < USER_END);
	for (unsigned level = TABLE_LEVELS; level > 1; level--) {
		pte_t *slot = &table[level_index(address, level)];
		pte_t entry = READ_ONCE(*slot);

		table = likely(entry & PTE_P) ? table_at(entry) : add_table(slot);
		if (unlikely(table == NULL))
			return NULL;
		if (unlikely(!(entry & PTE_P)) && level == TABLE_LEVELS)
			table_top_changed(root, slot);
	}
	return &table[level_index(address, 1)];
}

pte_t *table_leaf_find(const struct root *root, uint64_t address)
{
	uint64_t end;

	return table_chunk(root, address, &end);
}

pte_t *table_chunk(const struct root *root, uint64_t address, uint64_t *end)
{
	const pte_t *table = table_at(root->pml4_phys);

	ASSERT(address < USER_END);
	for (unsigned level = TABLE_LEVELS; level > 1; level--) {
		pte_t entry = READ_ONCE(table[level_index(address, level)]);

		if (!(entry & PTE_P)) {
			*end = (address | (level_size(level) - 1)) + 1;
			return NULL;
		}
		table = table_at(entry);
	}
	*end = (address | (level_size(2) - 1)) + 1;
	return (pte_t *)(uint64_t)&table[level_index(address, 1)];
}

/* What must hold for every leaf of the user half (P-M1-05, P-M1-10, P-M4-11). */
static inline void assert_user_leaf(pte_t value)
{
	ASSERT((value & (PTE_P | PTE_U | PTE_G)) == (PTE_P | PTE_U));
	ASSERT(!(value & PTE_W) || value & PTE_NX || unlikely(wx_allowed()));
	ASSERT(frame_of(phys(value & PTE_ADDR))->type >= FRAME_ANON);
}

void table_leaf_set(pte_t *leaf, pte_t value)
{
	assert_user_leaf(value);
	ASSERT(*leaf == 0);
	WRITE_ONCE(*leaf, value);
	frame_of_virt(leaf)->live++;
}

void table_leaf_change(pte_t *leaf, pte_t value)
{
	assert_user_leaf(value);
	ASSERT(*leaf != 0);
	WRITE_ONCE(*leaf, value);
}

void table_leaf_replace(struct root *root, uint64_t address, pte_t *leaf, pte_t value)
{
	assert_user_leaf(value);
	ASSERT(*leaf != 0);
	WRITE_ONCE(*leaf, 0);
	tlb_flush_page(root, address);
	WRITE_ONCE(*leaf, value);
}

void table_leaves_cleared(pte_t *leaf, uint32_t count)
{
	struct frame *table = frame_of_virt(leaf);

	ASSERT(table->live >= count);
	table->live -= count;
}

void table_leaves_added(pte_t *leaf, uint32_t count)
{
	frame_of_virt(leaf)->live += count;
}

unsigned table_unlink(struct root *root, uint64_t address, struct frame **empty)
{
	pte_t *path[TABLE_LEVELS +
		    1]; /* path[n]: the entry that leads to the table of level n - 1 */
	pte_t *table = table_at(root->pml4_phys);
	unsigned level = TABLE_LEVELS;
	unsigned count = 0;

	for (; level > 1; level--) {
		path[level] = &table[level_index(address, level)];
		if (!(*path[level] & PTE_P))
			break;
		table = table_at(*path[level]);
	}
	while (level++ < TABLE_LEVELS) {
		struct frame *frame = frame_of(phys(*path[level] & PTE_ADDR));

		if (frame->live != 0)
			break;
		WRITE_ONCE(*path[level], 0);
		if (level == TABLE_LEVELS)
			table_top_changed(root, path[level]);
		frame_of_virt(path[level])->live--;
		empty[count++] = frame;
	}
	return count;
}

void table_trim(struct root *root, uint64_t address)
{
	struct frame *empty[TABLES_PER_LEAF];
	unsigned count = table_unlink(root, address, empty);

	if (count == 0)
		return;
	tlb_flush_page(root, address);
	for (unsigned i = 0; i < count; i++)
		table_frame_free(empty[i]);
}
