/* SPDX-License-Identifier: BSD-2-Clause */
#include "selftest/program_service.h"

#include "kernel/lib/errors.h"
#include "kernel/lib/string.h"

#include "kernel/core/log.h"
#include "mm/inject.h"
#include "mm/slab.h"
#include "mm/space/space.h"
#include "mm/usercopy.h"
#include "mm/walker.h"
#include "proc/process.h"
#include "selftest/rest.h"

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

int64_t program_serve(uint64_t what, uint64_t value)
{
	switch (what) {
	case SERVICE_FAIL_ALLOCATION:
		inject_arm(value);
		return 0;
	case SERVICE_END_FAILURE:
		return end_failure();
	case SERVICE_DRAIN:
		selftest_rest();
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
