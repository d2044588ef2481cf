/* SPDX-License-Identifier: BSD-2-Clause */
#include "kernel/lib/string.h"

#include "kernel/core/clock_page.h"
#include "kernel/core/time.h"
#include "mm/slab.h"
#include "mm/space/space.h"
#include "proc/vdso.h"
#include "selftest/program.h"
#include "selftest/selftest.h"

#define BASE 0x10000000ull

extern const char vdso_image[], vdso_image_end[];

/* What ring 3 sees is the image as it was built and the clock as the kernel has it. */
SELFTEST(M7, 3, vdso_holds_image_and_clock)
{
	size_t bytes = (size_t)(vdso_image_end - vdso_image);
	struct space *space = space_create(NULL);
	char *page = kmalloc(PAGE_SIZE);
	struct clock_page clock;
	uint64_t image, before, now, after;

	CHECK(space && page && bytes < PAGE_SIZE);
	CHECK(vdso_map(space, BASE, &image) == OK && image == BASE + PAGE_SIZE);
	CHECK(space_read(space, image, page, PAGE_SIZE) == OK);
	CHECK(!memcmp(page, vdso_image, bytes));
	for (size_t i = bytes; i < PAGE_SIZE; i++)
		CHECK(!page[i]);
	CHECK(space_read(space, BASE, &clock, sizeof(clock)) == OK);
	CHECK(clock.mult == time_scale.mult && clock.tsc_base == time_scale.tsc_base);
	before = time_now_ns();
	now = time_realtime_ns();
	after = time_now_ns();
	CHECK(clock.realtime_base_ns >= now - after && clock.realtime_base_ns <= now - before);
	CHECK(vdso_map(space, BASE, &image) == ERR_EXIST);
	kfree(page);
	space_put(space);
	return true;
}

/* A step of the real time shows in the page at once, and goes back. */
SELFTEST(M7, 3, vdso_follows_the_clock)
{
	struct space *space = space_create(NULL);
	uint64_t image, before = time_realtime_ns(), moved;
	struct clock_page clock;

	CHECK(space && vdso_map(space, BASE, &image) == OK);
	time_realtime_set(before + 1000 * NS_PER_SEC);
	CHECK(space_read(space, BASE, &clock, sizeof(clock)) == OK);
	moved = clock.realtime_base_ns + time_now_ns();
	time_realtime_set(time_realtime_ns() - 1000 * NS_PER_SEC);
	CHECK(moved - before >= 1000 * NS_PER_SEC && moved - before < 1100 * NS_PER_SEC);
	CHECK(time_realtime_ns() - before < 100 * NS_PER_SEC);
	space_put(space);
	return true;
}

SELFTEST(M7, 3, vdso_from_ring3, .needs = M11)
{
	CHECK_PROGRAM("vdso");
	return true;
}
