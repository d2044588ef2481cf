/* SPDX-License-Identifier: BSD-2-Clause */
#include "ipc/ring.h"

#include "kernel/lib/bits.h"

#include "mm/frame.h"
#include "mm/io_iter.h"

static struct frame **page_at(struct ring *ring, uint64_t pos)
{
	return &ring->pages[pos / PAGE_SIZE % RING_PAGES];
}

static char *bytes_at(struct ring *ring, uint64_t pos)
{
	return (char *)frame_virt(*page_at(ring, pos)) + pos % PAGE_SIZE;
}

enum err ring_put(struct ring *ring, struct io_iter *from, uint64_t n, uint64_t *moved)
{
	uint64_t left = MIN(n, ring_room(ring));
	enum err error = OK;

	*moved = 0;
	while (left) {
		uint64_t step = MIN(left, PAGE_SIZE - ring->tail % PAGE_SIZE);
		struct frame **page = page_at(ring, ring->tail);
		uint64_t done;

		if (!*page)
			*page = frame_alloc(FRAME_KERNEL, 0);
		if (!*page) {
			error = ERR_NOMEM;
			break;
		}
		done = io_iter_read(from, bytes_at(ring, ring->tail), step);
		ring->tail += done;
		*moved += done;
		left -= done;
		if (done < step) {
			error = ERR_FAULT;
			break;
		}
	}
	return error;
}

/* An empty ring starts again at its first page, which is warm, and keeps no other. */
static void ring_rewind(struct ring *ring)
{
	for (uint32_t i = 1; i < RING_PAGES; i++) {
		if (ring->pages[i]) {
			frame_put(ring->pages[i]);
			ring->pages[i] = NULL;
		}
	}
	ring->head = 0;
	ring->tail = 0;
}

enum err ring_take(struct ring *ring, struct io_iter *to, uint64_t n, uint64_t *moved)
{
	uint64_t left = MIN(n, ring_used(ring));
	enum err error = OK;

	*moved = 0;
	while (left) {
		uint64_t step = MIN(left, PAGE_SIZE - ring->head % PAGE_SIZE);
		uint64_t done = io_iter_write(to, bytes_at(ring, ring->head), step);

		ring->head += done;
		*moved += done;
		left -= done;
		if (done < step) {
			error = ERR_FAULT;
			break;
		}
	}
	if (ring->head == ring->tail) {
		if (ring->tail > PAGE_SIZE)
			ring_rewind(ring);
		else
			ring->head = ring->tail = 0;
	}
	return error;
}

void ring_free(struct ring *ring)
{
	for (uint32_t i = 0; i < RING_PAGES; i++) {
		if (ring->pages[i])
			frame_put(ring->pages[i]);
		ring->pages[i] = NULL;
	}
}
