/* SPDX-License-Identifier: BSD-2-Clause */
#include "proc/vdso.h"

#include "kernel/lib/bits.h"
#include "kernel/lib/string.h"

#include "kernel/core/panic.h"
#include "kernel/core/time.h"
#include "mm/frame.h"
#include "mm/space/mman.h"
#include "mm/space/object.h"
#include "mm/space/space.h"

/* Page 0 of the object is the clock's, the image follows. */
#define CLOCK_PAGES 1u

extern const char vdso_image[], vdso_image_end[];

static __ro_after_init struct mem_object *pages;

static size_t image_bytes(void)
{
	return align_up((size_t)(vdso_image_end - vdso_image), PAGE_SIZE);
}

/* The page at @index for the kernel to fill; the object keeps it. */
static enum err page_at(uint64_t index, void **page)
{
	struct frame *frame;
	enum err err = mem_object_frame(pages, index, true, &frame);

	if (err != OK)
		return err;
	*page = frame_virt(frame);
	frame_put(frame);
	return OK;
}

static enum err fill_image(void)
{
	size_t left = (size_t)(vdso_image_end - vdso_image);
	const char *from = vdso_image;
	enum err err = OK;
	void *page;

	for (uint64_t index = CLOCK_PAGES; left && err == OK; index++) {
		size_t step = MIN(left, PAGE_SIZE);

		err = page_at(index, &page);
		if (err == OK)
			memcpy(page, from, step);
		from += step;
		left -= step;
	}
	return err;
}

enum err vdso_init(void)
{
	void *clock;
	enum err err;

	ASSERT(CLOCK_PAGES * PAGE_SIZE + image_bytes() <= VDSO_ROOM);
	pages = mem_object_create(NULL, CLOCK_PAGES * PAGE_SIZE + image_bytes());
	if (!pages)
		return ERR_NOMEM;
	err = fill_image();
	if (err == OK)
		err = page_at(0, &clock);
	if (err == OK)
		time_share(clock);
	mem_object_make_eternal(pages);
	return err;
}

static enum err map_part(struct space *space, uint64_t base, uint64_t offset, uint64_t len,
			 uint32_t prot, const char *name)
{
	const struct map_request request = {
		.addr = base + offset,
		.len = len,
		.prot = prot,
		.flags = MAP_PRIVATE | MAP_FIXED_NOREPLACE,
		.max_prot = prot,
		.object = pages,
		.offset = offset,
		.name = name,
		.foreign = true,
	};
	uint64_t at;

	return space_map(space, &request, &at);
}

enum err vdso_map(struct space *space, uint64_t base, uint64_t *ehdr)
{
	uint64_t image = CLOCK_PAGES * PAGE_SIZE;
	enum err err = map_part(space, base, 0, image, PROT_READ, "[vvar]");

	if (err == OK)
		err = map_part(space, base, image, image_bytes(), PROT_READ | PROT_EXEC, "[vdso]");
	if (err == OK)
		*ehdr = base + image;
	return err;
}
