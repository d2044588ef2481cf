/* SPDX-License-Identifier: BSD-2-Clause */
#include "mm/io_iter.h"

#include "kernel/lib/bits.h"
#include "kernel/lib/string.h"

#include "mm/frame.h"
#include "mm/usercopy.h"

void io_iter_init_kernel(struct io_iter *it, void *buffer, uint64_t len)
{
	*it = (struct io_iter){
		.kind = IO_KERNEL, .left = len, .current_left = len, .kernel = buffer};
}

void io_iter_init_vector(struct io_iter *it, const struct io_vec *vectors, uint32_t count)
{
	*it = (struct io_iter){.kind = IO_USER_VECTOR, .vectors_left = count, .next = vectors};
	for (uint32_t i = 0; i < count; i++)
		it->left += vectors[i].len;
}

/* Bytes that can be moved in one piece; steps to the next range of a vector when needed. */
static uint64_t piece(struct io_iter *it, size_t n)
{
	while (it->current_left == 0 && it->vectors_left != 0) {
		it->user = it->next->base;
		it->current_left = it->next->len;
		it->next++;
		it->vectors_left--;
	}
	return MIN(MIN(n, it->left), it->current_left);
}

static void advance(struct io_iter *it, uint64_t moved)
{
	it->left -= moved;
	it->current_left -= moved;
	if (it->kind == IO_KERNEL)
		it->kernel += moved;
	else
		it->user.raw += moved;
}

enum direction { FROM_ITER, TO_ITER, ZERO_ITER };

/* Returns the bytes that were not moved. */
static size_t move_piece(const struct io_iter *it, enum direction way, void *buffer, size_t n)
{
	if (it->kind == IO_KERNEL) {
		if (way == FROM_ITER)
			memcpy(buffer, it->kernel, n);
		else if (way == TO_ITER)
			memcpy(it->kernel, buffer, n);
		else
			memset(it->kernel, 0, n);
		return 0;
	}
	switch (way) {
	case FROM_ITER:
		return copy_from_user_partial(buffer, it->user, n);
	case TO_ITER:
		return copy_to_user_partial(it->user, buffer, n);
	case ZERO_ITER:
		break;
	}
	return clear_user_partial(it->user, n);
}

static size_t move(struct io_iter *it, enum direction way, char *buffer, size_t n)
{
	size_t done = 0;

	while (done < n) {
		uint64_t len = piece(it, n - done);
		size_t missed;

		if (len == 0)
			break;
		missed = move_piece(it, way, buffer != NULL ? buffer + done : NULL, len);
		advance(it, len - missed);
		done += len - missed;
		if (missed != 0)
			break;
	}
	return done;
}

/* One user range, which nearly every call has, without the steps above. */
static inline size_t moved_user(struct io_iter *it, size_t n, size_t missed)
{
	uint64_t moved = n - missed;

	it->left -= moved;
	it->current_left -= moved;
	it->user.raw += moved;
	return moved;
}

size_t io_iter_read(struct io_iter *it, void *to, size_t n)
{
	if (likely(it->kind == IO_USER && n <= it->left))
		return moved_user(it, n, copy_from_user_partial(to, it->user, n));
	return move(it, FROM_ITER, to, n);
}

size_t io_iter_write(struct io_iter *it, const void *from, size_t n)
{
	if (likely(it->kind == IO_USER && n <= it->left))
		return moved_user(it, n, copy_to_user_partial(it->user, from, n));
	return move(it, TO_ITER, (char *)(uint64_t)from, n);
}

size_t io_iter_read_page(struct io_iter *it, struct frame *frame, size_t offset, size_t n)
{
	if (likely(it->kind == IO_USER && n <= it->left))
		return moved_user(it, n, copy_page_from_user(frame, offset, it->user, n));
	return move(it, FROM_ITER, (char *)frame_virt(frame) + offset, n);
}

size_t io_iter_write_page(struct io_iter *it, struct frame *frame, size_t offset, size_t n)
{
	if (likely(it->kind == IO_USER && n <= it->left))
		return moved_user(it, n, copy_page_to_user(it->user, frame, offset, n));
	return move(it, TO_ITER, (char *)frame_virt(frame) + offset, n);
}

size_t io_iter_zero(struct io_iter *it, size_t n)
{
	return move(it, ZERO_ITER, NULL, n);
}
