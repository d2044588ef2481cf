/* SPDX-License-Identifier: BSD-2-Clause */
/* Which areas map an object: rights that exclude each other, pages taken out of every space. */
#include "kernel/lib/bits.h"

#include "mm/space/space_internal.h"
#include "mm/wx.h"

enum err object_take_rights(struct mem_object *object, bool shared, uint32_t prot)
{
	bool write = shared && prot & PROT_WRITE;
	bool exec = prot & PROT_EXEC;
	enum err err = OK;

	spin_lock(&object->lock);
	bool both =
		(write && (exec || object->exec_maps != 0)) || (exec && object->write_maps != 0);
	if (both && !wx_allowed()) {
		err = ERR_ACCES;
	} else if (write && object->write_sealed) {
		err = ERR_PERM;
	} else {
		object->write_maps += write;
		object->exec_maps += exec;
	}
	spin_unlock(&object->lock);
	return err;
}

void object_dup_rights(struct mem_object *object, bool shared, uint32_t prot)
{
	spin_lock(&object->lock);
	object->write_maps += shared && prot & PROT_WRITE;
	object->exec_maps += (prot & PROT_EXEC) != 0;
	spin_unlock(&object->lock);
}

void object_drop_rights(struct mem_object *object, bool shared, uint32_t prot)
{
	spin_lock(&object->lock);
	object->write_maps -= shared && prot & PROT_WRITE;
	object->exec_maps -= (prot & PROT_EXEC) != 0;
	spin_unlock(&object->lock);
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

void object_add_mapping(struct mem_object *object, struct vm_area *area)
{
	mem_object_get(object);
	spin_lock(&object->lock);
	area->seen = object->truncations;
	list_add_tail(&object->mappings, &area->mapping);
	spin_unlock(&object->lock);
}

void object_drop_mapping(struct mem_object *object, struct vm_area *area)
{
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
		area->seen = stamp;
		list_remove(&area->mapping);
		list_add_tail(&object->mappings, &area->mapping);
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
		area->seen = stamp;
		list_remove(&area->mapping);
		list_add_tail(&object->mappings, &area->mapping);
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

/* The pages have left the object already, so that a fault cannot bring them back. Private copies
 * beyond the end go too, as on Linux. */
void object_unmap_pages(struct mem_object *object, uint64_t start, uint64_t end)
{
	struct space *space;
	uint64_t stamp;

	if (list_empty(&object->mappings))
		return;
	spin_lock(&object->lock);
	stamp = ++object->truncations;
	spin_unlock(&object->lock);
	while ((space = next_space(object, stamp)) != NULL) {
		zap_object(space, object, start, end, stamp);
		space_put(space);
		preempt_point();
	}
}
