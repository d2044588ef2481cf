/* SPDX-License-Identifier: BSD-2-Clause */
/* A space's life: made, shared by count, activated, torn down. */
#include "mm/space/space.h"

#include "kernel/lib/bits.h"
#include "kernel/lib/string.h"

#include "kernel/x86/cpu.h"
#include "mm/slab.h"
#include "mm/space/commit.h"
#include "mm/space/commit_hooks.h"
#include "mm/space/file_hooks.h"
#include "mm/space/space_internal.h"
#include "mm/table_internal.h"

static SLAB_CACHE(space_cache, struct space);

void space_init(void)
{
	zero_frame = frame_alloc(FRAME_ANON, FRAME_ZERO);
	ASSERT(zero_frame != NULL);
	refcount_init(&zero_frame->count, REFCOUNT_SATURATED);
}

struct space *space_create(struct commit_account *account)
{
	struct space *space = slab_alloc_zero(&space_cache);

	if (space == NULL)
		return NULL;
	space->root = table_root_create();
	if (space->root == NULL) {
		slab_free(&space_cache, space);
		return NULL;
	}
	refcount_init(&space->count, 1);
	rwlock_init(&space->lock, LOCK_SPACE);
	spin_init(&space->leaf_lock, LOCK_PAGE_TABLE);
	area_tree_init(&space->areas);
	if (account != NULL)
		commit_account_get(account);
	space->account = account;
	space->limits = (struct space_limits){UINT64_MAX, UINT64_MAX, UINT64_MAX};
	space->mmap_top = USER_END;
	return space;
}

bool space_pay_from(struct space *space, struct commit_account *account)
{
	rwlock_write(&space->lock);
	struct commit_account *old = space->account;
	bool sole = refcount_is_last(&space->count) && old != NULL;

	if (sole) {
		commit_move(old, account, space->charged_pages);
		commit_account_get(account);
		space->account = account;
	}
	rwlock_write_done(&space->lock);
	if (sole)
		commit_account_put(old);
	return sole;
}

void space_get(struct space *space)
{
	refcount_get(&space->count);
}

bool space_is_shared(const struct space *space)
{
	return refcount_read(&space->count) > 1;
}

void space_put(struct space *space)
{
	struct rb_node *place = NULL;
	struct area *area;

	if (!refcount_put(&space->count))
		return;
	ASSERT(space_current() != space);
	while ((area = area_take_apart(&space->areas, &place)) != NULL) {
		space_zap(space, area->start, area->end);
		vm_area_drop(space, vm_area_of(area));
	}
	ASSERT(space->charged_pages == 0 && space->mapped_pages == 0);
	ASSERT(space->anon_pages == 0 && space->object_pages == 0);
	if (space->account != NULL)
		commit_account_put(space->account);
	root_put(space->root);
	slab_free(&space_cache, space);
}

struct space *space_current(void)
{
	const struct thread *self = thread_self();

	return self != NULL ? self->space : NULL;
}

void space_activate(struct space *space)
{
	struct thread *self = thread_self();
	uint64_t flags = irq_save();

	self->space = space;
	self->context.root = space != NULL ? space->root : NULL;
	root_switch(space != NULL ? space->root : &kernel_root);
	irq_restore(flags);
}

struct root *space_root(struct space *space)
{
	return space->root;
}

void space_set_limits(struct space *space, const struct space_limits *limits)
{
	WRITE_ONCE(space->limits.address_space, limits->address_space);
	WRITE_ONCE(space->limits.data, limits->data);
	WRITE_ONCE(space->limits.stack, limits->stack);
}

/* Tables of the user half, the top one included. */
static uint64_t count_tables(uint64_t table, unsigned level, unsigned entries)
{
	const pte_t *at = table_at(table);
	uint64_t count = 1;

	for (unsigned i = 0; level > 1 && i < entries; i++)
		if (at[i] & PTE_P)
			count += count_tables(at[i], level - 1, PTE_COUNT);
	return count;
}

uint64_t space_peak(struct space *space)
{
	return MAX(READ_ONCE(space->peak_pages), space_resident(space));
}

void space_stats(struct space *space, struct space_stats *stats)
{
	rwlock_read(&space->lock);
	*stats = (struct space_stats){
		.mapped_pages = space->mapped_pages,
		.resident_pages = space_resident(space),
		.anon_pages = space->anon_pages,
		.charged_pages = space->charged_pages,
		.area_count = space->areas.count,
		.peak_pages = space_peak(space),
		.data_pages = space->data_pages,
		.table_pages = count_tables(space->root->pml4_phys, TABLE_LEVELS, PML4_KERNEL),
	};
	for (const struct area *at = area_first(&space->areas); at != NULL; at = area_next(at)) {
		if (at->flags & AREA_STACK)
			stats->stack_pages += (at->end - at->start) >> PAGE_SHIFT;
		if (at->object != NULL && !at->object->embedded)
			stats->shared_pages += at->object->page_count;
	}
	rwlock_read_done(&space->lock);
}

bool space_next_area(struct space *space, uint64_t addr, struct area_info *info)
{
	const struct area *at;

	rwlock_read(&space->lock);
	at = area_at_or_after(&space->areas, addr);
	if (at != NULL)
		*info = (struct area_info){
			.start = at->start,
			.end = at->end,
			.prot = at->prot,
			.flags = at->flags & AREA_SHARED ? MAP_SHARED : MAP_PRIVATE,
			.offset = at->offset,
			.object = at->object,
			.name = ((const struct vm_area *)at)->name,
			.file = ((const struct vm_area *)at)->file,
		};
	if (at != NULL && info->object != NULL)
		mem_object_get(info->object);
	if (at != NULL && info->file != NULL)
		area_file_get(info->file);
	rwlock_read_done(&space->lock);
	return at != NULL;
}

void area_info_done(const struct area_info *info)
{
	if (info->object != NULL)
		mem_object_put(info->object);
	if (info->file != NULL)
		area_file_put(info->file);
}

enum err space_shared_at(struct space *space, uint64_t addr, struct mem_object **object,
			 uint64_t *offset)
{
	const struct area *at;

	*object = NULL;
	rwlock_read(&space->lock);
	at = area_at_or_after(&space->areas, addr);
	bool mapped = at != NULL && at->start <= addr;
	if (mapped && at->flags & AREA_SHARED && at->object != NULL) {
		mem_object_get(at->object);
		*object = at->object;
		*offset = at->offset + (addr - at->start);
	}
	rwlock_read_done(&space->lock);
	return mapped ? OK : ERR_FAULT;
}
