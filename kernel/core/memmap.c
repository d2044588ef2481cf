/* SPDX-License-Identifier: BSD-2-Clause */
#include "kernel/core/memmap.h"

#include "kernel/lib/bits.h"
#include "kernel/lib/compiler.h"
#include "kernel/lib/overflow.h"

#define FRAME_BYTES 4096

/*
 * A sweep over events. Each range becomes two of them in the same array, a begin and an end,
 * held as {.base = position, .class, .pad = EVENT_*}.
 */
enum { EVENT_BEGIN = 1, EVENT_END = 2 };

/* Higher wins where ranges overlap. */
static const uint8_t severity_of[MEM_CLASS_COUNT] = {
	[MEM_USABLE] = 1, [MEM_ACPI_RECLAIM] = 2, [MEM_BOOT] = 3,     [MEM_INITRD] = 4,
	[MEM_KERNEL] = 5, [MEM_ACPI_NVS] = 6,     [MEM_RESERVED] = 7, [MEM_BAD] = 8,
};

static const uint8_t class_of_severity[MEM_CLASS_COUNT] = {
	0,          MEM_USABLE,   MEM_ACPI_RECLAIM, MEM_BOOT, MEM_INITRD,
	MEM_KERNEL, MEM_ACPI_NVS, MEM_RESERVED,     MEM_BAD,
};

static bool class_is_known(uint32_t class)
{
	return class >= MEM_USABLE && class < MEM_CLASS_COUNT;
}

enum mem_class memmap_class_of_e820(uint32_t type)
{
	return type >= MEM_USABLE && type <= MEM_BAD ? (enum mem_class)type : MEM_RESERVED;
}

enum err memmap_add(struct mem_range *ranges, size_t *count, size_t capacity, uint64_t base,
		    uint64_t len, enum mem_class class)
{
	uint64_t end;

	if (!class_is_known(class))
		return ERR_INVAL;
	/* A range that ends exactly at 2^64 is no wrap: its last byte exists. */
	if (len != 0 && add_overflows(base, len - 1, &end))
		return ERR_INVAL;
	if (len == 0 || base >= MEMMAP_ADDRESS_END)
		return OK;
	if (*count >= capacity)
		return ERR_NOSPC;
	ranges[(*count)++] = (struct mem_range){
		.base = base, .end = MIN(end, MEMMAP_ADDRESS_END - 1) + 1, .class = class};
	return OK;
}

static void sift_down(struct mem_range *heap, size_t at, size_t count)
{
	struct mem_range moving = heap[at];

	for (size_t child; (child = 2 * at + 1) < count; at = child) {
		if (child + 1 < count && heap[child + 1].base > heap[child].base)
			child++;
		if (heap[child].base <= moving.base)
			break;
		heap[at] = heap[child];
	}
	heap[at] = moving;
}

/* Heap sort: in place, no recursion, no bad case. */
static void sort_by_base(struct mem_range *ranges, size_t count)
{
	for (size_t i = count / 2; i-- > 0;)
		sift_down(ranges, i, count);
	for (size_t last = count; last-- > 1;) {
		struct mem_range highest = ranges[0];

		ranges[0] = ranges[last];
		ranges[last] = highest;
		sift_down(ranges, 0, last);
	}
}

/* Two events a range; what is not usable grows to whole frames. Returns the number of events. */
static size_t ranges_to_events(struct mem_range *ranges, size_t count)
{
	/* From the back: the events of range i land at 2i and 2i + 1. */
	for (size_t i = count; i-- > 0;) {
		struct mem_range range = ranges[i];

		if (range.class != MEM_USABLE) {
			range.base = align_down(range.base, FRAME_BYTES);
			range.end = align_up(range.end, FRAME_BYTES);
		}
		ranges[2 * i] = (struct mem_range){
			.base = range.base, .class = range.class, .pad = EVENT_BEGIN};
		ranges[2 * i + 1] = (struct mem_range){
			.base = range.end, .class = range.class, .pad = EVENT_END};
	}
	return 2 * count;
}

static unsigned worst_open(const size_t open[MEM_CLASS_COUNT])
{
	for (unsigned severity = MEM_CLASS_COUNT - 1; severity > 0; severity--) {
		if (open[severity] > 0)
			return class_of_severity[severity];
	}
	return 0;
}

/* Append [base, end) of @class to the result, or lengthen its last range. */
static void emit(struct mem_range *out, size_t *made, uint64_t base, uint64_t end, unsigned class)
{
	struct mem_range *last = *made > 0 ? &out[*made - 1] : NULL;

	if (last != NULL && last->class == class && last->end == base)
		last->end = end;
	else
		out[(*made)++] = (struct mem_range){.base = base, .end = end, .class = class};
}

/*
 * Walk the sorted events and write the result over them. At most one range is made for each
 * step to a new position, so the writer never passes the reader.
 */
static size_t sweep(struct mem_range *events, size_t count)
{
	size_t open[MEM_CLASS_COUNT] = {};
	uint64_t position = 0;
	size_t made = 0;

	for (size_t i = 0; i < count; i++) {
		struct mem_range event = events[i];
		unsigned class = worst_open(open);

		if (event.base > position && class != 0)
			emit(events, &made, position, event.base, class);
		position = event.base;
		if (event.pad == EVENT_BEGIN)
			open[severity_of[event.class]]++;
		else
			open[severity_of[event.class]]--;
	}
	return made;
}

/* Usable memory loses the frames it owns only in part; the rest is aligned already. */
static size_t drop_partial_frames(struct mem_range *ranges, size_t count)
{
	size_t kept = 0;

	for (size_t i = 0; i < count; i++) {
		struct mem_range range = ranges[i];

		range.base = align_up(range.base, FRAME_BYTES);
		range.end = align_down(range.end, FRAME_BYTES);
		if (range.base < range.end)
			ranges[kept++] = range;
	}
	return kept;
}

enum err memmap_normalise(struct mem_range *ranges, size_t *count, size_t capacity)
{
	size_t kept = 0;
	size_t events;

	if (*count > capacity / 2)
		return ERR_NOSPC;
	for (size_t i = 0; i < *count; i++) {
		if (ranges[i].end < ranges[i].base || !class_is_known(ranges[i].class))
			return ERR_INVAL;
	}
	for (size_t i = 0; i < *count; i++) {
		struct mem_range range = ranges[i];

		range.end = MIN(range.end, MEMMAP_ADDRESS_END);
		if (range.base < range.end)
			ranges[kept++] = range;
	}
	events = ranges_to_events(ranges, kept);
	sort_by_base(ranges, events);
	*count = drop_partial_frames(ranges, sweep(ranges, events));
	return OK;
}

enum err memmap_reserve(struct mem_range *ranges, size_t *count, size_t capacity, uint64_t base,
			uint64_t end, enum mem_class class)
{
	if (base >= end || end > MEMMAP_ADDRESS_END || !class_is_known(class))
		return ERR_INVAL;
	if (*count >= capacity / 2)
		return ERR_NOSPC;
	ranges[(*count)++] = (struct mem_range){.base = base, .end = end, .class = class};
	return memmap_normalise(ranges, count, capacity);
}

static bool is_for_use(const struct mem_range *range)
{
	return range->class == MEM_USABLE || range->class == MEM_INITRD || range->class == MEM_BOOT;
}

uint64_t memmap_cut(struct mem_range *ranges, size_t *count, uint64_t end)
{
	uint64_t gone = 0;
	size_t kept = 0;

	for (size_t i = 0; i < *count; i++) {
		struct mem_range range = ranges[i];

		if (is_for_use(&range) && range.end > end) {
			gone += range.end - MAX(range.base, end);
			range.end = end;
		}
		if (range.base < range.end)
			ranges[kept++] = range;
	}
	*count = kept;
	return gone;
}

const struct mem_range *memmap_find(const struct mem_range *ranges, size_t count, uint64_t address)
{
	size_t low = 0;

	while (low < count) {
		size_t middle = low + (count - low) / 2;

		if (address < ranges[middle].base)
			count = middle;
		else if (address >= ranges[middle].end)
			low = middle + 1;
		else
			return &ranges[middle];
	}
	return NULL;
}

uint64_t memmap_total(const struct mem_range *ranges, size_t count, enum mem_class class)
{
	uint64_t total = 0;

	for (size_t i = 0; i < count; i++) {
		if (ranges[i].class == class)
			total += ranges[i].end - ranges[i].base;
	}
	return total;
}
