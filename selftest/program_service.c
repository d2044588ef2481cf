/* SPDX-License-Identifier: BSD-2-Clause */
#include "selftest/program_service.h"

#include "kernel/lib/errors.h"
#include "kernel/lib/string.h"

#include "kernel/core/epoch.h"
#include "kernel/core/log.h"
#include "kernel/sched/sched.h"
#include "mm/init.h"
#include "mm/inject.h"
#include "mm/slab.h"
#include "mm/space/space.h"
#include "mm/usercopy.h"
#include "mm/walker.h"
#include "proc/process.h"

#define DRAIN_TURNS 50u

static int64_t walk(void)
{
	struct walk_violation found;
	const struct root *root = space_root(process_current()->space);

	if (walk_check(root, &found))
		return 1;
	log_err("selftest", "%s at %lx", found.rule, found.leaf.va);
	return 0;
}

static int64_t end_failure(void)
{
	bool fired = inject_fired();

	inject_arm(0);
	return fired;
}

/* All below this function's own frame and those of the functions that it calls. */
static void poison_stack(void)
{
	const size_t margin = 256;
	char *base = thread_self()->stack_base, *end = __builtin_frame_address(0);

	memset(base, (uint8_t)SLAB_POISON, (size_t)(end - base) - margin);
}

/*
 * A thread that was joined, or a child that was waited for, may not have left the CPU for ever yet:
 * the others run first. One that never rests is no reason to wait for ever.
 */
static void drain(void)
{
	for (unsigned turns = 0; sched_waiting_count() != 0 && turns < DRAIN_TURNS; turns++)
		thread_yield();
	tasks_settle();
	epoch_drain();
	mm_drain();
}

int64_t program_serve(uint64_t what, uint64_t value)
{
	switch (what) {
	case SERVICE_FAIL_ALLOCATION:
		inject_arm(value);
		return 0;
	case SERVICE_END_FAILURE:
		return end_failure();
	case SERVICE_DRAIN:
		drain();
		return 0;
	case SERVICE_WALK:
		return walk();
	case SERVICE_POISON_STACK:
		poison_stack();
		return 0;
	case SERVICE_POISON_SLABS:
		slab_poison_free();
		return 0;
	case SERVICE_FETCHES:
		return (int64_t)usercopy_fetch_count();
	default:
		return ERR_INVAL;
	}
}
