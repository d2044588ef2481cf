/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * P-M4-23: behind the suite every root is clean, and all that was handed out since before the first
 * program of ring 3 is back.
 */
#include "kernel/core/log.h"
#include "kernel/core/state_digest.h"
#include "kernel/x86/root.h"
#include "mm/space/space.h"
#include "mm/walker.h"
#include "proc/process.h"
#include "selftest/rest.h"
#include "selftest/selftest.h"

static struct state_digest before;
static bool taken; /* false: these milestones were not asked for */

SELFTEST(M4, 23, state_before_the_suite, .needs = M7, .place = SELFTEST_FIRST)
{
	selftest_rest();
	state_digest_take(&before);
	taken = true;
	CHECK(state_digest_differs(&before, &(struct state_digest){0}) != NULL);
	return true;
}

static bool root_is_clean(const struct root *root)
{
	struct walk_violation found;

	if (walk_check(root, &found))
		return true;
	log_err("selftest", "%s at %lx", found.rule, found.leaf.va);
	return false;
}

static bool all_roots_are_clean(void)
{
	bool clean = root_is_clean(&kernel_root);

	for (struct process *at = process_next(NULL); at; at = process_next(at))
		if (at->space)
			clean = clean && root_is_clean(space_root(at->space));
	return clean;
}

SELFTEST(M4, 23, nothing_stays_behind_the_suite, .needs = M14, .place = SELFTEST_LAST)
{
	const struct state_counter *differs;
	struct state_digest after;

	CHECK(all_roots_are_clean());
	if (!taken)
		return true;
	selftest_rest();
	state_digest_take(&after);
	differs = state_digest_differs(&before, &after);
	if (differs)
		log_err("selftest", "%s was %lu before the suite and is %lu", differs->name,
			before.value[differs - state_digest_start],
			after.value[differs - state_digest_start]);
	CHECK(differs == NULL);
	return true;
}
