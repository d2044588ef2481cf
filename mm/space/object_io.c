/* SPDX-License-Identifier: BSD-2-Clause */
/* read(2) and write(2) on memory objects: page by page, pinned by count, no lock while copying. */
#include "kernel/lib/bits.h"
#include "kernel/lib/string.h"

#include "mm/frame.h"
#include "mm/io_iter.h"
#include "mm/space/object.h"

/* Pages pinned under one lock. */
#define RUN_PAGES 16u

/* The pages from @index on, NULL for holes, each with a reference. */
static void pin_run(struct mem_object *object, uint64_t index, struct frame **frames,
		    uint64_t count)
{
	spin_lock(&object->lock);
	for (uint64_t i = 0; i < count; i++) {
		frames[i] = radix_find(&object->pages, index + i);
		if (frames[i] != NULL)
			frame_get(frames[i]);
	}
	spin_unlock(&object->lock);
}

static size_t read_page(struct frame *frame, uint64_t offset, struct io_iter *it, size_t n)
{
	if (unlikely(frame == NULL))
		return io_iter_zero(it, n);
	return io_iter_write(it, (char *)frame_virt(frame) + (offset & PAGE_MASK), n);
}

/* Bytes moved of [offset, offset + len), which touches at most RUN_PAGES pages. */
static uint64_t read_run(struct mem_object *object, uint64_t offset, struct io_iter *it,
			 uint64_t len)
{
	uint64_t first = offset >> PAGE_SHIFT;
	uint64_t count = ((offset + len - 1) >> PAGE_SHIFT) - first + 1;
	struct frame *frames[RUN_PAGES];
	uint64_t total = 0;
	bool whole = true;

	pin_run(object, first, frames, count);
	for (uint64_t i = 0; i < count; i++) {
		uint64_t at = offset + total;
		uint64_t n = MIN(PAGE_SIZE - (at & PAGE_MASK), len - total);

		if (whole) {
			size_t moved = read_page(frames[i], at, it, n);

			total += moved;
			whole = moved == n;
		}
		if (frames[i] != NULL)
			frame_put(frames[i]);
	}
	return total;
}

enum err mem_object_read(struct mem_object *object, uint64_t offset, struct io_iter *it,
			 uint64_t *done)
{
	uint64_t size = READ_ONCE(object->size);
	uint64_t left = offset < size ? MIN(size - offset, io_iter_left(it)) : 0;
	uint64_t total = 0;

	while (total < left) {
		uint64_t at = offset + total;
		uint64_t n = MIN(RUN_PAGES * PAGE_SIZE - (at & PAGE_MASK), left - total);
		uint64_t moved = read_run(object, at, it, n);

		total += moved;
		if (moved != n)
			break;
	}
	*done = total;
	return total == 0 && left != 0 ? ERR_FAULT : OK;
}

/* A whole page over a hole: no zeros that nobody would see, but for what a fault leaves out. */
static enum err write_new_page(struct mem_object *object, uint64_t index, struct io_iter *it,
			       size_t *moved)
{
	struct frame *frame = frame_alloc(FRAME_CACHE, 0);
	enum err err;

	if (frame == NULL)
		return ERR_NOMEM;
	*moved = io_iter_read(it, frame_virt(frame), PAGE_SIZE);
	memset((char *)frame_virt(frame) + *moved, 0, PAGE_SIZE - *moved);
	err = *moved != 0 ? mem_object_add_frame(object, index, frame) : OK;
	if (err != OK)
		*moved = 0;
	frame_put(frame);
	return err;
}

static enum err write_page(struct mem_object *object, uint64_t offset, struct io_iter *it, size_t n,
			   size_t *moved)
{
	uint64_t index = offset >> PAGE_SHIFT;
	struct frame *frame;
	bool make = n != PAGE_SIZE || object->ops->fill != NULL;
	enum err err = mem_object_frame(object, index, make, &frame);

	if (err == ERR_NOENT)
		return write_new_page(object, index, it, moved);
	if (err != OK)
		return err;
	*moved = io_iter_read(it, (char *)frame_virt(frame) + (offset & PAGE_MASK), n);
	frame_put(frame);
	return OK;
}

static void grow_size(struct mem_object *object, uint64_t end)
{
	if (end <= READ_ONCE(object->size))
		return;
	spin_lock(&object->lock);
	object->size = MAX(object->size, end);
	spin_unlock(&object->lock);
}

enum err mem_object_write(struct mem_object *object, uint64_t offset, struct io_iter *it,
			  uint64_t *done)
{
	uint64_t left = io_iter_left(it);
	uint64_t total = 0;
	enum err err = OK;

	while (total < left && err == OK) {
		uint64_t at = offset + total;
		uint64_t n = MIN(PAGE_SIZE - (at & PAGE_MASK), left - total);
		size_t moved = 0;

		err = write_page(object, at, it, n, &moved);
		total += moved;
		if (moved != 0)
			grow_size(object, offset + total);
		if (err == OK && moved != n)
			err = ERR_FAULT;
	}
	*done = total;
	return total != 0 ? OK : err;
}
