/* SPDX-License-Identifier: BSD-2-Clause */
/* What each CPU keeps for reuse: empty tables, and whole roots. */
#include "kernel/lib/string.h"

#include "kernel/core/limits.h"
#include "kernel/x86/percpu.h"
#include "kernel/x86/root_hooks.h"
#include "mm/claim.h"
#include "mm/pti_map.h"
#include "mm/slab.h"
#include "mm/table.h"
#include "mm/table_internal.h"

#define KEPT_TABLES 16u
#define KEPT_ROOTS  8u

/* A root with its top-level table; kept whole when it is no longer used. */
struct table_root {
	struct root root;
	struct table_root *next;
};

static SLAB_CACHE(root_cache, struct table_root);

/* What each CPU keeps for reuse: empty tables, linked through their frame records, and roots. */
static struct kept {
	struct claim claim; /* all but retired */
	uint32_t table_count;
	uint32_t root_count;
	struct frame *tables;
	struct table_root *roots;
	struct table_root *retired; /* taken all at once; push_retired() */
} __aligned(CACHE_LINE) kept_by[LIMIT_CPUS];

static struct frame *take_table(struct kept *kept)
{
	struct frame *frame;

	claim_take(&kept->claim);
	frame = kept->tables;
	if (frame != NULL) {
		kept->tables = frame->head;
		kept->table_count--;
	}
	claim_drop(&kept->claim);
	return frame;
}

struct frame *table_frame_alloc(void)
{
	struct frame *frame = take_table(&kept_by[cpu_id()]);

	return frame != NULL ? frame : frame_alloc(FRAME_TABLE, FRAME_ZERO);
}

void table_frame_free(struct frame *frame)
{
	struct kept *kept = &kept_by[cpu_id()];
	bool keep;

	ASSERT(frame->type == FRAME_TABLE && frame->live == 0);
	claim_take(&kept->claim);
	keep = kept->table_count < KEPT_TABLES;
	if (keep) {
		frame->head = kept->tables;
		kept->tables = frame;
		kept->table_count++;
	}
	claim_drop(&kept->claim);
	if (!keep)
		frame_free(frame);
}

/* One table, or a pair. */
static struct frame *alloc_top(void)
{
	return pti_on ? frame_alloc_order(1, FRAME_TABLE, FRAME_ZERO)
		      : frame_alloc(FRAME_TABLE, FRAME_ZERO);
}

static void free_top(struct frame *top)
{
	if (pti_on)
		frame_free_order(top, 1);
	else
		frame_free(top);
}

static struct table_root *make_root(void)
{
	struct table_root *made = slab_alloc(&root_cache);
	struct frame *top = made != NULL ? alloc_top() : NULL;

	if (top == NULL) {
		slab_free(&root_cache, made);
		return NULL;
	}
	memcpy((pte_t *)frame_virt(top) + PML4_KERNEL,
	       table_at(kernel_root.pml4_phys) + PML4_KERNEL,
	       (PTE_COUNT - PML4_KERNEL) * sizeof(pte_t));
	if (pti_on)
		pti_fill_top(table_second(frame_phys(top).raw));
	top->live = 0;
	made->root.pml4_phys = frame_phys(top).raw;
	return made;
}

static void free_root(struct table_root *root)
{
	free_top(frame_of(phys(root->root.pml4_phys)));
	slab_free(&root_cache, root);
}

static struct table_root *take_root(struct kept *kept)
{
	struct table_root *root;

	claim_take(&kept->claim);
	root = kept->roots;
	if (root != NULL) {
		kept->roots = root->next;
		kept->root_count--;
	}
	claim_drop(&kept->claim);
	return root;
}

static bool keep_root(struct kept *kept, struct table_root *root, uint32_t most)
{
	bool keep;

	claim_take(&kept->claim);
	keep = kept->root_count < most;
	if (keep) {
		root->next = kept->roots;
		kept->roots = root;
		kept->root_count++;
	}
	claim_drop(&kept->claim);
	return keep;
}

/* Also from the context switch: no lock. */
static void push_retired(struct kept *kept, struct table_root *root)
{
	struct table_root *head = READ_ONCE(kept->retired);

	do {
		root->next = head;
	} while (!__atomic_compare_exchange_n(&kept->retired, &head, root, true, __ATOMIC_RELEASE,
					      __ATOMIC_RELAXED));
}

/* Roots that a CPU's context switch dropped become kept ones, those too many are freed. The newest
 * of another CPU stays its own: it will want one as soon. */
static void collect_retired(struct kept *from, struct kept *kept, uint32_t most)
{
	struct table_root *list;

	if (READ_ONCE(from->retired) == NULL)
		return;
	list = __atomic_exchange_n(&from->retired, NULL, __ATOMIC_ACQUIRE);
	if (from != kept && list != NULL) {
		struct table_root *newest = list;

		list = list->next;
		push_retired(from, newest);
	}
	while (list != NULL) {
		struct table_root *root = list;

		list = root->next;
		if (!keep_root(kept, root, most))
			free_root(root);
	}
}

/* Who makes roots takes what all CPUs retired before it asks for memory: where processes end on
 * other CPUs than they begin, roots do not pile up. */
static __noinline struct table_root *new_root(struct kept *kept)
{
	struct table_root *made;

	for (unsigned i = 0; i < LIMIT_CPUS; i++)
		collect_retired(&kept_by[i], kept, KEPT_ROOTS);
	made = take_root(kept);
	return made != NULL ? made : make_root();
}

struct root *table_root_create(void)
{
	struct kept *kept = &kept_by[cpu_id()];
	struct table_root *made = take_root(kept);

	if (made == NULL) {
		collect_retired(kept, kept, KEPT_ROOTS);
		made = take_root(kept);
	}
	if (made == NULL)
		made = new_root(kept);
	if (made == NULL)
		return NULL;
	root_init(&made->root, made->root.pml4_phys);
	return &made->root;
}

/* Called from the context switch too: no locks, no freeing. */
void root_release(struct root *root)
{
	struct table_root *dead = container_of(root, struct table_root, root);

	ASSERT(frame_of(phys(root->pml4_phys))->live == 0);
	push_retired(&kept_by[cpu_id()], dead);
}

static void drain(struct kept *kept)
{
	struct table_root *root;
	struct frame *frame;

	collect_retired(kept, kept, 0);
	while (READ_ONCE(kept->root_count) != 0 && (root = take_root(kept)) != NULL)
		free_root(root);
	while (READ_ONCE(kept->table_count) != 0 && (frame = take_table(kept)) != NULL)
		frame_free(frame);
}

void table_drain(void)
{
	for (unsigned i = 0; i < LIMIT_CPUS; i++)
		drain(&kept_by[i]);
}
