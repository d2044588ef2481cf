/* SPDX-License-Identifier: BSD-2-Clause */
/* Which areas map an object: rights that exclude each other, pages taken out of every space. */
#include "kernel/lib/bits.h"

#include "mm/space/space_internal.h"
#include "mm/wx.h"

void mem_object_make_eternal(struct mem_object *object)
{
	ASSERT(list_empty(&object->mappings));
	object->is_eternal = true;
}

static void add_rights(struct mem_object *object, bool shared, uint32_t prot)
{
	object->write_maps += shared && prot & PROT_WRITE;
	object->exec_maps += (prot & PROT_EXEC) != 0;
}

static void remove_rights(struct mem_object *object, bool shared, uint32_t prot)
{
	object->write_maps -= shared && prot & PROT_WRITE;
	object->exec_maps -= (prot & PROT_EXEC) != 0;
}

static enum err take_rights(struct mem_object *object, bool shared, uint32_t prot)
{
	bool write = shared && prot & PROT_WRITE;
	bool exec = prot & PROT_EXEC;
	bool both =
		(write && (exec || object->exec_maps != 0)) || (exec && object->write_maps != 0);

	if (both && !wx_allowed())
		return ERR_ACCES;
	if (write && object->write_sealed)
		return ERR_PERM;
	add_rights(object, shared, prot);
	return OK;
}

enum err object_take_rights(struct mem_object *object, bool shared, uint32_t prot)
{
	enum err err;

	if (object->is_eternal)
		return OK;
	spin_lock(&object->lock);
	err = take_rights(object, shared, prot);
	spin_unlock(&object->lock);
	return err;
}

void object_dup_rights(struct mem_object *object, bool shared, uint32_t prot)
{
	if (object->is_eternal)
		return;
	spin_lock(&object->lock);
	add_rights(object, shared, prot);
	spin_unlock(&object->lock);
}

void object_drop_rights(struct mem_object *object, bool shared, uint32_t prot)
{
	if (object->is_eternal)
		return;
	spin_lock(&object->lock);
	remove_rights(object, shared, prot);
	spin_unlock(&object->lock);
}

enum err object_change_rights(struct mem_object *object, bool shared, uint32_t from, uint32_t to)
{
	enum err err;

	if (object->is_eternal)
		return OK;
	spin_lock(&object->lock);
	remove_rights(object, shared, from);
	err = take_rights(object, shared, to);
	if (err != OK)
		add_rights(object, shared, from);
	spin_unlock(&object->lock);
	return err;
}

enum err mem_object_seal_writes(struct mem_object *object)
{
	enum err err = OK;

	spin_lock(&object->lock);
	list_for_each(node, &object->mappings)
	{
		const struct vm_area *area = list_entry(node, struct vm_area, mapping);

		/* Also one that does not write yet, but may ask for it. */
		if ((area->area.flags & AREA_SHARED) && (area->max_prot & PROT_WRITE))
			err = ERR_BUSY;
	}
	if (err == OK)
		object->write_sealed = true;
	spin_unlock(&object->lock);
	return err;
}

/* Areas that the walk of the newest stamp has not seen stand first. */
static void enlist(struct mem_object *object, struct vm_area *area, uint64_t seen)
{
	area->seen = seen;
	if (seen == object->truncations)
		list_add_tail(&object->mappings, &area->mapping);
	else
		list_add_head(&object->mappings, &area->mapping);
}

void object_add_mapping(struct mem_object *object, struct vm_area *area, const struct vm_area *of)
{
	if (object->is_eternal)
		return;
	mem_object_get(object);
	spin_lock(&object->lock);
	enlist(object, area, of != NULL ? of->seen : object->truncations);
	spin_unlock(&object->lock);
}

void object_join_mappings(struct mem_object *object, struct vm_area *into, const struct vm_area *of)
{
	if (object->is_eternal)
		return;
	spin_lock(&object->lock);
	if (of->seen < into->seen) {
		list_remove(&into->mapping);
		enlist(object, into, of->seen);
	}
	spin_unlock(&object->lock);
}

void object_drop_mapping(struct mem_object *object, struct vm_area *area)
{
	if (object->is_eternal)
		return;
	spin_lock(&object->lock);
	list_remove(&area->mapping);
	spin_unlock(&object->lock);
	mem_object_put(object);
}

/* The space of the next mapping that this walk has not seen, with a reference; NULL: done. */
static struct space *next_space(struct mem_object *object, uint64_t stamp)
{
	struct space *space = NULL;

	spin_lock(&object->lock);
	while (space == NULL && !list_empty(&object->mappings)) {
		struct vm_area *area = list_first(&object->mappings, struct vm_area, mapping);

		if (area->seen >= stamp)
			break;
		list_remove(&area->mapping);
		enlist(object, area, stamp);
		if (refcount_get_unless_zero(&area->space->count))
			space = area->space;
	}
	spin_unlock(&object->lock);
	return space;
}

/* One walk over a space serves all of its areas: the others need no visit of their own. */
static void mark_seen(struct mem_object *object, struct vm_area *area, uint64_t stamp)
{
	spin_lock(&object->lock);
	if (area->seen < stamp) {
		list_remove(&area->mapping);
		enlist(object, area, stamp);
	}
	spin_unlock(&object->lock);
}

static void zap_object(struct space *space, struct mem_object *object, uint64_t start, uint64_t end,
		       uint64_t stamp)
{
	rwlock_write(&space->lock);
	for (struct area *area = area_first(&space->areas); area != NULL; area = area_next(area)) {
		uint64_t from = MAX(start, area->offset);
		uint64_t to = MIN(end, area->offset + (area->end - area->start));

		if (area->object != object)
			continue;
		mark_seen(object, vm_area_of(area), stamp);
		if (from < to)
			space_zap(space, area->start + (from - area->offset),
				  area->start + (to - area->offset));
	}
	rwlock_write_done(&space->lock);
}

/* One walk at a time: its stamp says which areas it has seen. */
static struct mutex unmap_lock = MUTEX_INIT(unmap_lock, LOCK_OBJECT_UNMAP);

/* A fault cannot bring the pages back: they have left the object, or lie beyond its size. Private
 * copies beyond the end go too, as on Linux. */
void object_unmap_pages(struct mem_object *object, uint64_t start, uint64_t end)
{
	struct space *space;
	uint64_t stamp;
	bool mapped;

	ASSERT(!object->is_eternal);
	spin_lock(&object->lock);
	mapped = !list_empty(&object->mappings);
	spin_unlock(&object->lock);
	if (!mapped)
		return;
	mutex_lock(&unmap_lock);
	spin_lock(&object->lock);
	stamp = ++object->truncations;
	spin_unlock(&object->lock);
	while ((space = next_space(object, stamp)) != NULL) {
		zap_object(space, object, start, end, stamp);
		space_put(space);
		preempt_point();
	}
	mutex_unlock(&unmap_lock);
}
