/* SPDX-License-Identifier: BSD-2-Clause */
#pragma once
/*
 * Where the bytes of a read or write call are: one user range, an array of user ranges, or a
 * kernel buffer. Code below syscall/ moves bytes by io_iter_read() and io_iter_write() and does
 * not know which. The cursor moves with every byte.
 *
 * Context: as mm/usercopy.h (may sleep unless the buffer is the kernel's).
 */
#include "mm/addr.h"

struct frame;

/* Linux's struct iovec, as copied from user memory. */
struct io_vec {
	struct uaddr base;
	uint64_t len;
};

enum io_kind { IO_USER, IO_USER_VECTOR, IO_KERNEL };

struct io_iter {
	enum io_kind kind;
	uint32_t vectors_left; /* IO_USER_VECTOR: behind the current one */
	uint64_t left;         /* bytes left in all */
	uint64_t current_left; /* bytes left in the current range */
	union {
		struct uaddr user;
		char *kernel;
	};
	const struct io_vec
		*next; /* IO_USER_VECTOR: kernel copy of the array, kept by the caller */
};

static inline void io_iter_init_user(struct io_iter *it, struct uaddr base, uint64_t len)
{
	*it = (struct io_iter){.kind = IO_USER, .left = len, .current_left = len, .user = base};
}

/** @vectors stays valid as long as the iterator; the sum of lengths is at most INT64_MAX,
 *  checked by the caller. */
void io_iter_init_vector(struct io_iter *it, const struct io_vec *vectors, uint32_t count);
void io_iter_init_kernel(struct io_iter *it, void *buffer, uint64_t len);

static inline uint64_t io_iter_left(const struct io_iter *it)
{
	return it->left;
}

/** Take up to @n bytes from the iterator (write(2)): bytes moved, short at a fault or the end. */
size_t io_iter_read(struct io_iter *it, void *to, size_t n) __must_check;
/** Give up to @n bytes to the iterator (read(2)): bytes moved. */
size_t io_iter_write(struct io_iter *it, const void *from, size_t n) __must_check;
/** io_iter_read() and io_iter_write() with the page @frame, held by the caller, at @offset. */
size_t io_iter_read_page(struct io_iter *it, struct frame *frame, size_t offset,
			 size_t n) __must_check;
size_t io_iter_write_page(struct io_iter *it, struct frame *frame, size_t offset,
			  size_t n) __must_check;
/** Give @n zero bytes: bytes moved. */
size_t io_iter_zero(struct io_iter *it, size_t n) __must_check;
/** Never move more than @n further bytes. */
static inline void io_iter_truncate(struct io_iter *it, uint64_t n)
{
	if (it->left > n)
		it->left = n;
}
