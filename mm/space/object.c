/* SPDX-License-Identifier: BSD-2-Clause */
/* Pages of a memory object: found, made, removed. */
#include "mm/space/object.h"

#include "kernel/lib/bits.h"
#include "kernel/lib/string.h"

#include "mm/frame.h"
#include "mm/slab.h"
#include "mm/space/space_internal.h"

static SLAB_CACHE(object_cache, struct mem_object);
static const struct mem_object_ops no_ops;

void mem_object_init(struct mem_object *object, const struct mem_object_ops *ops, uint64_t size)
{
	*object = (struct mem_object){.count = REFCOUNT_INIT(1),
				      .ops = ops != NULL ? ops : &no_ops,
				      .size = size,
				      .embedded = true};
	spin_init(&object->lock, LOCK_INTERVALS);
	list_init(&object->mappings);
}

struct mem_object *mem_object_create(const struct mem_object_ops *ops, uint64_t size)
{
	struct mem_object *object = slab_alloc(&object_cache);

	if (object == NULL)
		return NULL;
	mem_object_init(object, ops, size);
	object->embedded = false;
	return object;
}

void mem_object_get(struct mem_object *object)
{
	refcount_get(&object->count);
}

/* Drop the object's reference to every page in [from, to). */
static void drop_pages(struct mem_object *object, uint64_t from, uint64_t to)
{
	int64_t dropped = 0;
	struct frame *frame;

	for (;;) {
		uint64_t index;

		spin_lock(&object->lock);
		frame = NULL;
		if (radix_next(&object->pages, from, &index) && index < to)
			frame = radix_take_next(&object->pages, from, &index);
		object->page_count -= frame != NULL;
		spin_unlock(&object->lock);
		if (frame == NULL)
			break;
		frame_put(frame);
		dropped++;
		from = index + 1;
		if (dropped % 1024 == 0)
			preempt_point();
	}
	if (dropped != 0 && object->ops->account != NULL)
		(void)!object->ops->account(object, -dropped);
}

void mem_object_put(struct mem_object *object)
{
	bool embedded;

	if (!refcount_put(&object->count))
		return;
	ASSERT(list_empty(&object->mappings));
	drop_pages(object, 0, UINT64_MAX);
	embedded = object->embedded;
	if (object->ops->release != NULL)
		object->ops->release(object);
	if (!embedded)
		slab_free(&object_cache, object);
}

static struct frame *find_page(struct mem_object *object, uint64_t index)
{
	struct frame *frame;

	spin_lock(&object->lock);
	frame = radix_find(&object->pages, index);
	if (frame != NULL)
		frame_get(frame);
	spin_unlock(&object->lock);
	return frame;
}

/* Put a new page in, unless another thread was first: then its page is *@frame. */
static enum err insert_page(struct mem_object *object, uint64_t index, struct frame **frame)
{
	struct frame *other;
	enum err err = OK;

	spin_lock(&object->lock);
	other = radix_find(&object->pages, index);
	if (other != NULL) {
		frame_get(other);
	} else {
		err = radix_insert(&object->pages, index, *frame);
		if (err == OK) {
			frame_get(*frame);
			object->page_count++;
		}
	}
	spin_unlock(&object->lock);
	if (other == NULL)
		return err;
	frame_put(*frame);
	*frame = other;
	return ERR_EXIST;
}

static enum err make_page(struct mem_object *object, uint64_t index, struct frame **frame)
{
	struct frame *made;
	enum err err = OK;

	if (object->ops->account != NULL)
		err = object->ops->account(object, 1);
	if (err != OK)
		return err;
	made = frame_alloc(FRAME_CACHE, FRAME_ZERO);
	if (made == NULL) {
		err = ERR_NOMEM;
		goto out_account;
	}
	made->page.object = object;
	made->page.index = index;
	if (object->ops->fill != NULL)
		err = object->ops->fill(object, index, made);
	if (err != OK)
		goto out_frame;
	err = insert_page(object, index, &made);
	if (err == ERR_NOMEM)
		goto out_frame;
	*frame = made;
	if (err == OK)
		return OK;
	err = OK; /* somebody else's page: ours is not counted */
	goto out_account;

out_frame:
	frame_put(made);
out_account:
	if (object->ops->account != NULL)
		(void)!object->ops->account(object, -1);
	return err;
}

enum err mem_object_add_frame(struct mem_object *object, uint64_t index, struct frame *frame)
{
	struct frame *there = frame;
	enum err err = OK;

	ASSERT(object->ops->fill == NULL);
	if (object->ops->account != NULL)
		err = object->ops->account(object, 1);
	if (err != OK)
		return err;
	frame->page.object = object;
	frame->page.index = index;
	frame_get(frame); /* insert_page drops it where it changes @there */
	err = insert_page(object, index, &there);
	if (err == ERR_EXIST)
		memcpy(frame_virt(there), frame_virt(frame), PAGE_SIZE);
	frame_put(there);
	if (err != OK && object->ops->account != NULL)
		(void)!object->ops->account(object, -1);
	return err == ERR_EXIST ? OK : err;
}

enum err mem_object_frame(struct mem_object *object, uint64_t index, bool create,
			  struct frame **frame)
{
	struct frame *found = find_page(object, index);

	if (found != NULL) {
		*frame = found;
		return OK;
	}
	return create ? make_page(object, index, frame) : ERR_NOENT;
}

/* Zero [start, end), which lies in one page; a hole is zero already. */
static void zero_part(struct mem_object *object, uint64_t start, uint64_t end)
{
	struct frame *frame = start < end ? find_page(object, start >> PAGE_SHIFT) : NULL;

	if (frame == NULL)
		return;
	memset((char *)frame_virt(frame) + (start & PAGE_MASK), 0, end - start);
	frame_put(frame);
}

void mem_object_truncate(struct mem_object *object, uint64_t size)
{
	uint64_t old;

	spin_lock(&object->lock);
	old = object->size;
	object->size = size;
	spin_unlock(&object->lock);
	if (size >= old)
		return;
	zero_part(object, size, MIN(align_up(size, PAGE_SIZE), old));
	/* In this order: a fault that had seen the old size may still have made a page, but none
	 * is left behind the walk. */
	object_unmap_pages(object, align_up(size, PAGE_SIZE), UINT64_MAX);
	drop_pages(object, DIV_ROUND_UP(size, PAGE_SIZE), UINT64_MAX);
}

void mem_object_punch(struct mem_object *object, uint64_t start, uint64_t end)
{
	uint64_t first = align_up(start, PAGE_SIZE);
	uint64_t last = align_down(end, PAGE_SIZE);

	if (first > last) {
		zero_part(object, start, end);
		return;
	}
	zero_part(object, start, first);
	zero_part(object, last, end);
	/* In this order: a fault makes a new page, which may go at once, but finds no old one. */
	drop_pages(object, first >> PAGE_SHIFT, last >> PAGE_SHIFT);
	object_unmap_pages(object, first, last);
}

enum err mem_object_next_page(struct mem_object *object, uint64_t from, uint64_t *index)
{
	bool found;

	spin_lock(&object->lock);
	found = radix_next(&object->pages, from, index);
	spin_unlock(&object->lock);
	return found ? OK : ERR_NOENT;
}
