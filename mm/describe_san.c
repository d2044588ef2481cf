/* SPDX-License-Identifier: BSD-2-Clause */
/* What lies at an address, for the report of a bad access. */
#include "kernel/core/ksyms.h"
#include "kernel/core/panic.h"
#include "kernel/core/san_hooks.h"
#include "kernel/x86/sections.h"
#include "mm/frame.h"
#include "mm/kstack.h"
#include "mm/slab_san.h"

static void print_place(uint32_t image_offset)
{
	uint64_t address = (uint64_t)image_start + image_offset - 1, offset = 0;
	const char *name = ksyms_name(address, &offset);

	panic_print("  [%016lx] %s+0x%lx\n", address, name ? name : "?", offset);
}

static void print_places(const char *what, const uint32_t *places, unsigned count)
{
	if (places[0] == 0)
		return;
	panic_print("%s:\n", what);
	for (unsigned i = 0; i < count && places[i] != 0; i++)
		print_place(places[i]);
}

static void describe_object(const struct slab_cache *cache, const struct slab_page *slab,
			    uint64_t address)
{
	uint64_t offset = address - (uint64_t)slab - SLAB_HEADER;
	uint64_t number = offset / cache->stride;

	if (address < (uint64_t)slab + SLAB_HEADER || number >= cache->per_slab) {
		panic_print("beside the objects of a slab of %s\n", cache->name);
		return;
	}
	const char *object = (const char *)slab + SLAB_HEADER + number * cache->stride;
	const struct slab_track *track = slab_track_of(cache, object);

	panic_print("byte %lu of an object of %s at %016lx, ", offset % cache->stride, cache->name,
		    (uint64_t)object);
	if (track->size != 0)
		panic_print("of %u bytes\n", track->size);
	else
		panic_print("which is free\n");
	print_places("allocated by", track->allocated, 3);
	print_places("freed by", track->freed, 4);
}

static void describe_frame(const struct frame *frame, uint64_t address)
{
	if (frame->type == FRAME_TAIL)
		frame = frame->head;
	panic_print("byte %lu of a frame: %s\n", address - (uint64_t)frame_virt(frame),
		    frame_type_name(frame->type));
	if (frame->type == FRAME_FREE)
		print_places("freed by", &frame->spare_word, 1);
}

static void describe_stack(uint64_t address)
{
	uint64_t offset = (address - layout.stacks) % KSTACK_STEP - KSTACK_GUARD;

	panic_print("byte %lu of a kernel stack of %lu\n", offset, (uint64_t)KSTACK_SIZE);
}

void san_describe(uint64_t address)
{
	const void *pointer = (const void *)address;
	struct slab_cache *cache = NULL;

	if (address - layout.stacks < (uint64_t)KSTACK_LIMIT * KSTACK_STEP) {
		describe_stack(address);
		return;
	}
	if (!virt_in_physmap(pointer) || frame_lookup(virt_to_phys(pointer)) == NULL)
		return;
	const struct slab_page *slab = slab_page_of(pointer, &cache);

	if (slab != NULL)
		describe_object(cache, slab, address);
	else
		describe_frame(frame_of_virt(pointer), address);
}
