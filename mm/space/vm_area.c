/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * An area together with what it holds: object, file, charge, counters. The tree of mm/space/area.c
 * knows nothing of these; here both are kept in step.
 */
#include "kernel/lib/bits.h"

#include "mm/slab.h"
#include "mm/space/commit.h"
#include "mm/space/file_hooks.h"
#include "mm/space/space_internal.h"

static SLAB_CACHE(vm_area_cache, struct vm_area);

static uint64_t area_pages(const struct area *area)
{
	return (area->end - area->start) >> PAGE_SHIFT;
}

static bool is_data(const struct area *area)
{
	return !(area->flags & (AREA_SHARED | AREA_STACK)) && area->prot & PROT_WRITE;
}

/* Private memory that can be written will need pages of its own. */
static bool needs_charge(uint32_t flags, uint32_t prot)
{
	return !(flags & (AREA_SHARED | AREA_NOCHARGE | AREA_CHARGED)) && prot & PROT_WRITE;
}

static enum err charge(struct space *space, uint64_t pages)
{
	enum err err = commit_charge(space->account, pages);

	if (err == OK)
		space->charged_pages += pages;
	return err;
}

static void uncharge(struct space *space, uint64_t pages)
{
	space->charged_pages -= pages;
	commit_release(space->account, pages);
}

static void count(struct space *space, const struct area *area, uint64_t pages, bool more)
{
	uint64_t change = more ? pages : -pages;

	space->mapped_pages += change;
	if (is_data(area))
		space->data_pages += change;
}

struct vm_area *vm_area_alloc(struct space *space)
{
	struct vm_area *area = slab_alloc_zero(&vm_area_cache);

	if (area == NULL)
		return NULL;
	area->space = space;
	list_init(&area->mapping);
	return area;
}

void vm_area_free(struct vm_area *area)
{
	slab_free(&vm_area_cache, area);
}

/* References that every area holds. */
static void hold(struct vm_area *area, const struct vm_area *of)
{
	if (area->area.object != NULL)
		object_add_mapping(area->area.object, area, of);
	if (area->file != NULL)
		area_file_get(area->file);
}

static void let_go(struct vm_area *area)
{
	if (area->area.object != NULL)
		object_drop_mapping(area->area.object, area);
	if (area->file != NULL)
		area_file_put(area->file);
}

/* Rights and charge: all that can fail. */
static enum err take(struct space *space, struct area *area)
{
	bool charged = area->flags & AREA_CHARGED || needs_charge(area->flags, area->prot);
	enum err err = OK;

	if (area->object != NULL)
		err = object_take_rights(area->object, area->flags & AREA_SHARED, area->prot);
	if (err != OK || !charged)
		return err;
	err = charge(space, area_pages(area));
	if (err == OK)
		area->flags |= AREA_CHARGED;
	else if (area->object != NULL)
		object_drop_rights(area->object, area->flags & AREA_SHARED, area->prot);
	return err;
}

static void give_back(struct space *space, struct area *area)
{
	if (area->flags & AREA_CHARGED)
		uncharge(space, area_pages(area));
	if (area->object != NULL)
		object_drop_rights(area->object, area->flags & AREA_SHARED, area->prot);
}

enum err vm_area_link(struct space *space, struct vm_area *area, const struct vm_area *of)
{
	struct area *plain = &area->area;
	enum err err;

	if (space->areas.count >= AREA_COUNT_MAX)
		return ERR_NOMEM;
	err = take(space, plain);
	if (err != OK)
		return err;
	err = area_insert(&space->areas, plain);
	if (err != OK) {
		give_back(space, plain);
		return err;
	}
	hold(area, of);
	count(space, plain, area_pages(plain), true);
	return OK;
}

/* It stays behind: neither pages nor object nor charge. */
static void empty(struct vm_area *area)
{
	area->area.flags = (area->area.flags & ~AREA_CHARGED) | AREA_NOCHARGE;
	area->area.object = NULL;
	area->file = NULL;
}

enum err vm_area_copy(struct space *space, const struct vm_area *of, struct vm_area **copy)
{
	struct vm_area *area = slab_alloc(&vm_area_cache);
	enum err err;

	if (area == NULL)
		return ERR_NOMEM;
	*area = *of;
	area->space = space;
	list_init(&area->mapping);
	if (unlikely(of->area.flags & AREA_DONTFORK))
		empty(area);
	err = take(space, &area->area);
	if (err != OK) {
		vm_area_free(area);
		return err;
	}
	hold(area, of);
	count(space, &area->area, area_pages(&area->area), true);
	*copy = area;
	return OK;
}

void vm_area_drop(struct space *space, struct vm_area *area)
{
	count(space, &area->area, area_pages(&area->area), false);
	give_back(space, &area->area);
	let_go(area);
	vm_area_free(area);
}

void vm_area_unlink(struct space *space, struct vm_area *area)
{
	area_erase(&space->areas, &area->area);
	if (space->recent == area)
		space->recent = NULL;
	vm_area_drop(space, area);
}

static enum err split_at(struct space *space, uint64_t at)
{
	struct area *lower = area_find(&space->areas, at);
	struct vm_area *upper;

	if (lower == NULL || lower->start == at)
		return OK;
	if (space->areas.count >= AREA_COUNT_MAX)
		return ERR_NOMEM;
	upper = vm_area_alloc(space);
	if (upper == NULL)
		return ERR_NOMEM;
	area_split(&space->areas, lower, at, &upper->area);
	upper->name = vm_area_of(lower)->name;
	upper->file = vm_area_of(lower)->file;
	upper->max_prot = vm_area_of(lower)->max_prot;
	if (lower->object != NULL)
		object_dup_rights(lower->object, lower->flags & AREA_SHARED, lower->prot);
	hold(upper, vm_area_of(lower));
	return OK;
}

static bool can_merge(const struct vm_area *lower, const struct vm_area *upper)
{
	return area_can_merge(&lower->area, &upper->area) && lower->name == upper->name &&
	       lower->file == upper->file && lower->max_prot == upper->max_prot;
}

static struct vm_area *merge(struct space *space, struct vm_area *lower, struct vm_area *upper)
{
	area_merge(&space->areas, &lower->area, &upper->area);
	if (space->recent == upper)
		space->recent = NULL;
	if (upper->area.object != NULL) {
		object_join_mappings(upper->area.object, lower, upper);
		object_drop_rights(upper->area.object, upper->area.flags & AREA_SHARED,
				   upper->area.prot);
	}
	let_go(upper);
	vm_area_free(upper);
	return lower;
}

struct vm_area *vm_area_try_merge(struct space *space, struct vm_area *area)
{
	struct area *next = area_next(&area->area);
	struct area *prev = area_prev(&area->area);

	if (next != NULL && can_merge(area, vm_area_of(next)))
		merge(space, area, vm_area_of(next));
	if (prev != NULL && can_merge(vm_area_of(prev), area))
		area = merge(space, vm_area_of(prev), area);
	return area;
}

enum err vm_area_split_range(struct space *space, uint64_t start, uint64_t end)
{
	enum err err = split_at(space, start);
	struct area *lower;

	if (err != OK)
		return err;
	err = split_at(space, end);
	lower = err != OK ? area_before(&space->areas, start) : NULL;
	if (lower != NULL)
		vm_area_try_merge(space, vm_area_of(lower));
	return err;
}

enum err vm_area_set_prot(struct space *space, struct vm_area *area, uint32_t prot)
{
	struct area *plain = &area->area;
	bool shared = plain->flags & AREA_SHARED;
	bool charged = needs_charge(plain->flags, prot);
	enum err err = OK;

	if (charged)
		err = charge(space, area_pages(plain));
	if (err != OK)
		return err;
	if (plain->object != NULL)
		err = object_change_rights(plain->object, shared, plain->prot, prot);
	if (err != OK) {
		if (charged)
			uncharge(space, area_pages(plain));
		return err;
	}
	count(space, plain, area_pages(plain), false);
	plain->prot = prot;
	plain->flags |= charged ? AREA_CHARGED : 0;
	count(space, plain, area_pages(plain), true);
	return OK;
}

enum err vm_area_resize(struct space *space, struct vm_area *area, uint64_t start, uint64_t end)
{
	struct area *plain = &area->area;
	uint64_t old = area_pages(plain);
	uint64_t new = (end - start) >> PAGE_SHIFT;
	enum err err = OK;

	if (plain->flags & AREA_CHARGED && new > old)
		err = charge(space, new - old);
	if (err != OK)
		return err;
	err = area_resize(&space->areas, plain, start, end);
	if (err != OK) {
		if (plain->flags & AREA_CHARGED && new > old)
			uncharge(space, new - old);
		return err;
	}
	if (plain->flags & AREA_CHARGED && new < old)
		uncharge(space, old - new);
	count(space, plain, old, false);
	count(space, plain, new, true);
	return OK;
}
