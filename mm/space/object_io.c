/* SPDX-License-Identifier: BSD-2-Clause */
/* read(2) and write(2) on memory objects: page by page, pinned by count, no lock while copying. */
#include "kernel/lib/bits.h"
#include "kernel/lib/compiler.h"
#include "kernel/lib/string.h"

#include "mm/frame.h"
#include "mm/io_iter.h"
#include "mm/space/object.h"

/* Pages pinned under one lock. */
#define RUN_PAGES 16u

/* A run of bytes and the pages under it, NULL for holes, each with a reference. */
struct run {
	uint64_t offset;
	uint64_t len;
	uint64_t count;
	struct frame *frames[RUN_PAGES];
};

/* As many bytes of [offset, offset + left) as RUN_PAGES pages hold. */
static void run_pin(struct run *run, struct mem_object *object, uint64_t offset, uint64_t left)
{
	uint64_t first = offset >> PAGE_SHIFT;

	run->offset = offset;
	run->len = MIN(RUN_PAGES * PAGE_SIZE - (offset & PAGE_MASK), left);
	run->count = ((offset + run->len - 1) >> PAGE_SHIFT) - first + 1;
	spin_lock(&object->lock);
	radix_find_run(&object->pages, first, run->frames, run->count);
	for (uint64_t i = 0; i < run->count; i++)
		if (run->frames[i] != NULL)
			frame_get(run->frames[i]);
	spin_unlock(&object->lock);
}

static void run_unpin(const struct run *run)
{
	for (uint64_t i = 0; i < run->count; i++)
		if (run->frames[i] != NULL)
			frame_put(run->frames[i]);
}

/* Bytes up to the next page or the run's end, @done bytes behind its start. */
static inline uint64_t run_piece(const struct run *run, uint64_t done)
{
	return MIN(PAGE_SIZE - ((run->offset + done) & PAGE_MASK), run->len - done);
}

/* Return: bytes moved; fewer than the run's at a fault. */
static uint64_t run_read(const struct run *run, struct io_iter *it)
{
	uint64_t done = 0;

	for (uint64_t i = 0; i < run->count; i++) {
		uint64_t n = run_piece(run, done);
		struct frame *frame = run->frames[i];
		uint64_t at = (run->offset + done) & PAGE_MASK;
		size_t moved = likely(frame != NULL) ? io_iter_write_page(it, frame, at, n)
						     : io_iter_zero(it, n);

		done += moved;
		if (unlikely(moved != n))
			break;
	}
	return done;
}

enum err mem_object_read(struct mem_object *object, uint64_t offset, struct io_iter *it,
			 uint64_t *done)
{
	uint64_t size = READ_ONCE(object->size);
	uint64_t left = offset < size ? MIN(size - offset, io_iter_left(it)) : 0;
	uint64_t total = 0;

	while (total < left) {
		struct run run __uninitialized; /* run_pin() fills it, run->count frames of it */
		uint64_t moved;

		run_pin(&run, object, offset + total, left - total);
		moved = run_read(&run, it);
		run_unpin(&run);
		total += moved;
		if (moved != run.len)
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

/* Pages that are there are written where they are; the others are made. */
static enum err run_write(const struct run *run, struct mem_object *object, struct io_iter *it,
			  uint64_t *done)
{
	enum err err = OK;

	*done = 0;
	for (uint64_t i = 0; i < run->count && err == OK; i++) {
		uint64_t n = run_piece(run, *done);
		uint64_t at = run->offset + *done;
		struct frame *frame = run->frames[i];
		size_t moved = 0;

		if (likely(frame != NULL))
			moved = io_iter_read_page(it, frame, at & PAGE_MASK, n);
		else
			err = write_page(object, at, it, n, &moved);
		*done += moved;
		if (err == OK && unlikely(moved != n))
			err = ERR_FAULT;
	}
	return err;
}

enum err mem_object_write(struct mem_object *object, uint64_t offset, struct io_iter *it,
			  uint64_t *done)
{
	uint64_t left = io_iter_left(it);
	uint64_t total = 0;
	enum err err = OK;

	while (total < left && err == OK) {
		struct run run __uninitialized; /* as in mem_object_read() */
		uint64_t moved;

		run_pin(&run, object, offset + total, left - total);
		err = run_write(&run, object, it, &moved);
		run_unpin(&run);
		total += moved;
		if (moved != 0)
			grow_size(object, offset + total);
	}
	*done = total;
	return total != 0 ? OK : err;
}
