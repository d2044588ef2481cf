/* SPDX-License-Identifier: BSD-2-Clause */
/* kernel/core/spinlock: one holder at a time, also of a pair that is named both ways round. */
#include "kernel/core/spinlock.h"
#include "tests/interleave/cases.h"
#include "tests/interleave/machine.h"

static struct spinlock one, other;
static unsigned inside, entries;

static void setup(void)
{
	spin_init(&one, LOCK_FILES);
	spin_init(&other, LOCK_FILES);
	inside = entries = 0;
}

static void enter_and_leave(void)
{
	MUST(inside++ == 0);
	WRITE_ONCE(entries, entries + 1);
	MUST(--inside == 0);
}

static void take_twice(unsigned cpu)
{
	(void)cpu;
	for (unsigned i = 0; i < 2; i++) {
		spin_lock(&one);
		enter_and_leave();
		spin_unlock(&one);
	}
}

static void take_pair(unsigned cpu)
{
	struct spinlock *first = cpu ? &one : &other, *second = cpu ? &other : &one;

	spin_lock_pair(first, second);
	enter_and_leave();
	spin_unlock_pair(first, second);
	spin_lock(first);
	spin_unlock(first);
}

static void all_came(void)
{
	MUST(entries == 4 && !one.held && !other.held);
}

static void pairs_came(void)
{
	MUST(entries == 2 && !one.held && !other.held);
}

const struct scenario spinlock_exclusion = {"spinlock", 2, 4, setup, take_twice, all_came};
const struct scenario spinlock_pair = {"spinlock pair", 2, 3, setup, take_pair, pairs_came};
