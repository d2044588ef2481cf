/* SPDX-License-Identifier: BSD-2-Clause */
#include "mm/walker.h"

#include "kernel/lib/hash.h"

#include "kernel/x86/cpu.h"
#include "kernel/x86/root.h"
#include "mm/frame.h"

/* Written after SDM vol 3, 4.5, without a glance at mm/table.c. */
#define INDEX_BITS 9u
#define TOP_LEVEL  4u

struct walk {
	uint64_t start, last; /* last byte, so that the end of the address space needs no case */
	walk_visit *visit;
	void *arg;
};

/* What all levels so far allow. */
struct rights {
	bool write, user, execute;
};

static uint64_t entry_span(unsigned level)
{
	return 1ull << (PAGE_SHIFT + INDEX_BITS * (level - 1));
}

static uint64_t canonical(uint64_t va)
{
	return va & BIT(47) ? va | 0xffff000000000000ull : va;
}

static struct rights rights_with(struct rights above, uint64_t entry)
{
	return (struct rights){.write = above.write && entry & PTE_W,
			       .user = above.user && entry & PTE_U,
			       .execute = above.execute && !(entry & PTE_NX)};
}

static bool is_leaf(uint64_t entry, unsigned level)
{
	return level == 1 || entry & PTE_LARGE;
}

static bool walk_leaf(const struct walk *walk, uint64_t va, uint64_t entry, unsigned level,
		      struct rights rights)
{
	struct walk_leaf leaf = {.va = va,
				 .pa = entry & PTE_ADDR & ~(entry_span(level) - 1),
				 .size = entry_span(level),
				 .entry = entry,
				 .write = rights.write,
				 .user = rights.user,
				 .execute = rights.execute};

	return walk->visit(&leaf, walk->arg);
}

static bool walk_table(const struct walk *walk, uint64_t table_phys, unsigned level, uint64_t base,
		       struct rights above)
{
	const uint64_t *entries = phys_to_virt(phys(table_phys & PTE_ADDR));

	for (unsigned i = 0; i < PTE_COUNT; i++) {
		uint64_t va = canonical(base + i * entry_span(level));
		uint64_t entry = entries[i];

		if (!(entry & PTE_P) || va > walk->last || va + entry_span(level) - 1 < walk->start)
			continue;
		struct rights rights = rights_with(above, entry);
		bool go_on = is_leaf(entry, level) ? walk_leaf(walk, va, entry, level, rights)
						   : walk_table(walk, entry, level - 1, va, rights);
		if (!go_on)
			return false;
	}
	return true;
}

bool walk_root(const struct root *root, uint64_t start, uint64_t end, walk_visit *visit, void *arg)
{
	struct walk walk = {.start = start, .last = end - 1, .visit = visit, .arg = arg};
	struct rights all = {.write = true, .user = true, .execute = true};

	return walk_table(&walk, root->pml4_phys, TOP_LEVEL, 0, all);
}

static bool keep_leaf(const struct walk_leaf *leaf, void *arg)
{
	*(struct walk_leaf *)arg = *leaf;
	return false;
}

bool walk_address(const struct root *root, uint64_t va, struct walk_leaf *leaf)
{
	return !walk_root(root, va, va + 1, keep_leaf, leaf);
}

/* Bits that must be 0 in a leaf: above the CPU's physical addresses, below a large page. */
static bool reserved_bits(const struct walk_leaf *leaf)
{
	uint64_t above = PTE_ADDR & ~(BIT(cpu_phys_bits()) - 1);
	uint64_t below = leaf->size > PAGE_SIZE ? (leaf->size - 1) & ~(BIT(13) - 1) : 0;

	return (leaf->entry & (above | below)) != 0;
}

static const char *judge_user(const struct walk_leaf *leaf)
{
	const struct frame *frame = frame_lookup(phys(leaf->pa));

	if (!leaf->user)
		return "supervisor leaf in the user half";
	if (leaf->va < USER_START || leaf->va + leaf->size > USER_END)
		return "user leaf outside the user range";
	if (leaf->entry & PTE_G)
		return "global user leaf";
	if (frame != NULL && frame->type == FRAME_TABLE)
		return "user leaf over a page table";
	if (frame != NULL && frame->type < FRAME_ANON)
		return "user leaf over kernel memory";
	return NULL;
}

static const char *judge(const struct walk_leaf *leaf)
{
	if (leaf->write && leaf->execute)
		return "writable and executable";
	if (reserved_bits(leaf))
		return "reserved bit set";
	if (!(leaf->va >> 63))
		return judge_user(leaf);
	if (leaf->entry & PTE_U)
		return "user bit in the kernel half";
	/* One INVLPG must be enough for it, whatever contexts a CPU knows. */
	return leaf->entry & PTE_G ? NULL : "kernel leaf that is not global";
}

static bool judge_leaf(const struct walk_leaf *leaf, void *arg)
{
	struct walk_violation *found = arg;

	found->rule = judge(leaf);
	found->leaf = *leaf;
	return found->rule == NULL;
}

/* The kernel half's entries carry no U at any level, the tables in between included. */
static bool kernel_entries_closed(const uint64_t *table, unsigned level, unsigned first)
{
	for (unsigned i = first; i < PTE_COUNT; i++) {
		if (!(table[i] & PTE_P))
			continue;
		if (table[i] & PTE_U)
			return false;
		if (!is_leaf(table[i], level) &&
		    !kernel_entries_closed(phys_to_virt(phys(table[i] & PTE_ADDR)), level - 1, 0))
			return false;
	}
	return true;
}

bool walk_check(const struct root *root, struct walk_violation *found)
{
	const uint64_t *top = phys_to_virt(phys(root->pml4_phys));

	found->rule = NULL;
	if (!kernel_entries_closed(top, TOP_LEVEL, PTE_COUNT / 2)) {
		found->rule = "user bit above the kernel half";
		return false;
	}
	return walk_root(root, 0, 0, judge_leaf, found);
}

static bool hash_leaf(const struct walk_leaf *leaf, void *arg)
{
	uint64_t *hash = arg;

	*hash = hash_mix(*hash ^ leaf->va, leaf->entry & ~(PTE_A | PTE_D)) + leaf->size;
	return true;
}

uint64_t walk_hash(const struct root *root)
{
	uint64_t hash = 0x9e3779b97f4a7c15ull;

	walk_root(root, 0, USER_END, hash_leaf, &hash);
	return hash;
}
