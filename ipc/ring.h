/* SPDX-License-Identifier: BSD-2-Clause */
#pragma once
/*
 * A byte ring of up to 64 KiB whose pages exist only while bytes stand in them (one is kept).
 * The owner's lock guards it; without it ring_used() and ring_room() are hints, and may be beyond
 * the size when head and tail are of two moments.
 */
#include "kernel/lib/compiler.h"
#include "kernel/lib/errors.h"
#include "kernel/lib/types.h"

#define RING_PAGES 16u
#define RING_SIZE  (RING_PAGES * 4096u)

struct frame;
struct io_iter;

struct ring {
	uint64_t head; /* bytes ever taken out, counted from when it was last empty */
	uint64_t tail; /* bytes ever put in, likewise */
	struct frame *pages[RING_PAGES];
};

static inline uint64_t ring_used(const struct ring *ring)
{
	return READ_ONCE(ring->tail) - READ_ONCE(ring->head);
}

static inline uint64_t ring_room(const struct ring *ring)
{
	return RING_SIZE - ring_used(ring);
}

/**
 * Put up to @n bytes in, as far as there is room.
 * @moved: how many. Return: OK when all that fit were moved; ERR_FAULT, ERR_NOMEM when it ended
 * earlier.
 */
enum err ring_put(struct ring *ring, struct io_iter *from, uint64_t n, uint64_t *moved);

/** Take up to @n bytes out; likewise. */
enum err ring_take(struct ring *ring, struct io_iter *to, uint64_t n, uint64_t *moved);

/** Give every page back. */
void ring_free(struct ring *ring);
