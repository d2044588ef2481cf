/* SPDX-License-Identifier: BSD-2-Clause */
#include "kernel/x86/layout.h"

static const struct window {
	uint64_t start;
	uint64_t size;
	uint64_t step;
} windows[] = {
#define REGION(name, unmoved, window, gib, step, holds) {(window), GIB(gib), BIT(step)},
#include "kernel/x86/layout.def"
#undef REGION
};

/* A record of a frame has 64 bytes. The largest block of frames has records as a whole. */
static uint64_t room_of(enum layout_region region, uint64_t ram_end)
{
	switch (region) {
	case LAYOUT_image:
		return LAYOUT_IMAGE_MAX;
	case LAYOUT_physmap:
		return MAX(ram_end, GIB(4)); /* the boot's first tables map 4 GiB */
	case LAYOUT_frames:
		return MAX(ram_end / 64 + MIB(2), LAYOUT_REGION_SIZE);
	case LAYOUT_heap:
	case LAYOUT_stacks:
	case LAYOUT_devices:
	case LAYOUT_REGIONS:
		break;
	}
	return LAYOUT_REGION_SIZE;
}

uint64_t layout_ram_max(void)
{
	return windows[LAYOUT_physmap].size;
}

uint64_t layout_places(enum layout_region region, uint64_t ram_end)
{
	const struct window *window = &windows[region];
	uint64_t room = room_of(region, ram_end);

	return room < window->size ? (window->size - room) / window->step + 1 : 1;
}

struct layout layout_draw(const uint64_t random[LAYOUT_REGIONS], uint64_t ram_end)
{
	struct layout drawn;
	uint64_t *base = (uint64_t *)&drawn;

	for (unsigned i = 0; i < LAYOUT_REGIONS; i++)
		base[i] =
			windows[i].start + random[i] % layout_places(i, ram_end) * windows[i].step;
	return drawn;
}
