/* SPDX-License-Identifier: BSD-2-Clause */
#include "tests/sim/events.h"

#include <stdlib.h>

static struct event *heap;
static size_t count, room;
static uint64_t added;

void events_clear(void)
{
	count = 0;
	added = 0;
}

static bool is_before(const struct event *a, const struct event *b)
{
	return a->at_ns != b->at_ns ? a->at_ns < b->at_ns : a->order < b->order;
}

static void swap(size_t a, size_t b)
{
	struct event event = heap[a];

	heap[a] = heap[b];
	heap[b] = event;
}

void events_add(struct event event)
{
	if (count == room) {
		room = room ? 2 * room : 1024;
		heap = realloc(heap, room * sizeof(*heap));
		if (!heap)
			abort();
	}
	event.order = added++;
	heap[count] = event;
	for (size_t at = count++; at && is_before(&heap[at], &heap[(at - 1) / 2]);
	     at = (at - 1) / 2)
		swap(at, (at - 1) / 2);
}

static void sink_root(void)
{
	for (size_t at = 0;;) {
		size_t least = at;

		for (size_t child = 2 * at + 1; child <= 2 * at + 2 && child < count; child++)
			if (is_before(&heap[child], &heap[least]))
				least = child;
		if (least == at)
			return;
		swap(at, least);
		at = least;
	}
}

bool events_take(uint64_t end_ns, struct event *out)
{
	if (!count || heap[0].at_ns > end_ns)
		return false;
	*out = heap[0];
	heap[0] = heap[--count];
	sink_root();
	return true;
}
