/* SPDX-License-Identifier: BSD-2-Clause */
/* mm/frame: a frame with two owners is freed once, by the last; drained caches lose none. */
#include "mm/frame.h"
#include "mm/frame_internal.h"
#include "tests/interleave/cases.h"
#include "tests/interleave/frames.h"
#include "tests/interleave/machine.h"

#define FRAMES 3u

static struct frame *shared;

static void setup_shared(void)
{
	frames_reset(FRAMES);
	shared = frame_alloc(FRAME_ANON, 0);
	frame_get(shared);
	frame_get(shared);
}

static void put_shared(unsigned cpu)
{
	(void)cpu;
	frame_put(shared);
}

static void check(void)
{
	MUST(frame_free_count() == FRAMES && !frame_pool.lock.held);
	for (unsigned i = 0; i < ENGINE_CPUS; i++)
		MUST(!frame_caches[i].claim.taken);
}

static void setup(void)
{
	frames_reset(FRAMES);
}

/* Each frame has one owner; when none is left the other's cache is emptied. */
static void alloc_and_free(unsigned cpu)
{
	struct frame *first = frame_alloc(FRAME_ANON, 0);
	struct frame *second = frame_alloc(FRAME_ANON, 0);

	(void)cpu;
	MUST(!first || (refcount_read(&first->count) == 1 && first != second));
	if (second)
		frame_put(second);
	if (first)
		frame_put(first);
}

const struct scenario frame_owners = {"frame owners", 3, 3, setup_shared, put_shared, check};
const struct scenario frame_caches_drained = {"frame caches", 2, 2, setup, alloc_and_free, check};
