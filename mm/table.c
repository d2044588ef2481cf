/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The user half. Each table's frame counts the entries in use; a table without any is taken out
 * at once and, being all zero, kept for the next one who needs a table.
 */
#include "mm/table.h"

#include "kernel/lib/string.h"

#include "kernel/core/spinlock.h"
#include "kernel/x86/percpu.h"
#include "kernel/x86/root_hooks.h"
#include "kernel/x86/tlb.h"
#include "mm/slab.h"
#include "mm/table_internal.h"
#include "mm/wx.h"

#define KEPT_TABLES 16u
#define KEPT_ROOTS  8u

/* A root with its top-level table; kept whole when it is no longer used. */
struct table_root {
	struct root root;
	struct table_root *next;
};

static SLAB_CACHE(root_cache, struct table_root);

/* Empty tables, linked through their frame records. */
static struct {
	struct spinlock lock;
	struct frame *tables;
	uint32_t table_count;
	uint32_t root_count;
	struct table_root *roots;
	struct table_root *retired; /* pushed without a lock, from inside the context switch */
} kept = {.lock = SPINLOCK_INIT(LOCK_TABLE_POOL)};

struct frame *table_frame_alloc(void)
{
	struct frame *frame;

	spin_lock(&kept.lock);
	frame = kept.tables;
	if (frame != NULL) {
		kept.tables = frame->head;
		kept.table_count--;
	}
	spin_unlock(&kept.lock);
	return frame != NULL ? frame : frame_alloc(FRAME_TABLE, FRAME_ZERO);
}

void table_frame_free(struct frame *frame)
{
	bool keep;

	ASSERT(frame->type == FRAME_TABLE && frame->live == 0);
	spin_lock(&kept.lock);
	keep = kept.table_count < KEPT_TABLES;
	if (keep) {
		frame->head = kept.tables;
		kept.tables = frame;
		kept.table_count++;
	}
	spin_unlock(&kept.lock);
	if (!keep)
		frame_free(frame);
}

static struct table_root *make_root(void)
{
	struct table_root *made = slab_alloc(&root_cache);
	struct frame *top = made != NULL ? frame_alloc(FRAME_TABLE, FRAME_ZERO) : NULL;

	if (top == NULL) {
		slab_free(&root_cache, made);
		return NULL;
	}
	memcpy((pte_t *)frame_virt(top) + PML4_KERNEL,
	       table_at(kernel_root.pml4_phys) + PML4_KERNEL,
	       (PTE_COUNT - PML4_KERNEL) * sizeof(pte_t));
	top->live = 0;
	made->root.pml4_phys = frame_phys(top).raw;
	return made;
}

static void free_root(struct table_root *root)
{
	frame_free(frame_of(phys(root->root.pml4_phys)));
	slab_free(&root_cache, root);
}

/* Roots that the context switch dropped become kept ones, those too many are freed. */
static void collect_retired(uint32_t keep)
{
	struct table_root *list = __atomic_exchange_n(&kept.retired, NULL, __ATOMIC_ACQUIRE);

	while (list != NULL) {
		struct table_root *root = list;

		list = root->next;
		if (kept.root_count >= keep) {
			free_root(root);
			continue;
		}
		root->next = kept.roots;
		kept.roots = root;
		kept.root_count++;
	}
}

struct root *table_root_create(void)
{
	struct table_root *made;

	if (kept.roots == NULL)
		collect_retired(KEPT_ROOTS);
	made = kept.roots;
	if (made != NULL) {
		kept.roots = made->next;
		kept.root_count--;
	} else {
		made = make_root();
		if (made == NULL)
			return NULL;
	}
	root_init(&made->root, made->root.pml4_phys);
	return &made->root;
}

/* Called from the context switch too: no locks, no freeing. */
void root_release(struct root *root)
{
	struct table_root *dead = container_of(root, struct table_root, root);
	struct table_root *head = READ_ONCE(kept.retired);

	ASSERT(frame_of(phys(root->pml4_phys))->live == 0);
	do {
		dead->next = head;
	} while (!__atomic_compare_exchange_n(&kept.retired, &head, dead, true, __ATOMIC_RELEASE,
					      __ATOMIC_RELAXED));
}

void table_drain(void)
{
	collect_retired(0);
	while (kept.roots != NULL) {
		struct table_root *root = kept.roots;

		kept.roots = root->next;
		kept.root_count--;
		free_root(root);
	}
	while (kept.tables != NULL) {
		struct frame *frame = kept.tables;

		kept.tables = frame->head;
		kept.table_count--;
		frame_free(frame);
	}
}

static pte_t *table_enter_create(pte_t *entry)
{
	struct frame *made;

	if (likely(*entry & PTE_P))
		return table_at(*entry);
	made = table_frame_alloc();
	if (made == NULL)
		return NULL;
	made->live = 0;
	*entry = frame_phys(made).raw | PTE_P | PTE_W | PTE_U;
	frame_of_virt(entry)->live++;
	return frame_virt(made);
}

pte_t *table_leaf_create(struct root *root, uint64_t address)
{
	pte_t *table = table_at(root->pml4_phys);

	ASSERT(address < USER_END);
	for (unsigned level = TABLE_LEVELS; level > 1; level--) {
		table = table_enter_create(&table[level_index(address, level)]);
		if (unlikely(table == NULL)) {
			table_trim(root, address);
			return NULL;
		}
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
		pte_t entry = table[level_index(address, level)];

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
	*leaf = value;
	frame_of_virt(leaf)->live++;
}

void table_leaf_change(pte_t *leaf, pte_t value)
{
	assert_user_leaf(value);
	ASSERT(*leaf != 0);
	*leaf = value;
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

void table_trim(struct root *root, uint64_t address)
{
	pte_t *path[TABLE_LEVELS +
		    1]; /* path[n]: the entry that leads to the table of level n - 1 */
	pte_t *table = table_at(root->pml4_phys);
	unsigned level = TABLE_LEVELS;

	for (; level > 1; level--) {
		path[level] = &table[level_index(address, level)];
		if (!(*path[level] & PTE_P))
			break;
		table = table_at(*path[level]);
	}
	while (level++ < TABLE_LEVELS) {
		struct frame *empty = frame_of(phys(*path[level] & PTE_ADDR));

		if (empty->live != 0)
			return;
		*path[level] = 0;
		frame_of_virt(path[level])->live--;
		tlb_flush_page(root, address);
		table_frame_free(empty);
	}
}
