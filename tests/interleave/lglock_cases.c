/* SPDX-License-Identifier: BSD-2-Clause */
/* kernel/core/lglock: who holds it globally is alone; local holders are so beside each other. */
#include "kernel/core/lglock.h"
#include "tests/interleave/cases.h"
#include "tests/interleave/machine.h"

static struct lglock lock = LGLOCK_INIT(LOCK_FILES);
static unsigned locals, globals, entries;

static void setup(void)
{
	lock.global.held = 0;
	lock.is_global = 0;
	locals = globals = entries = 0;
}

static void go_globally(void)
{
	lglock_lock(&lock);
	MUST(globals++ == 0 && locals == 0);
	WRITE_ONCE(entries, entries + 1);
	MUST(--globals == 0 && locals == 0);
	lglock_unlock(&lock);
}

/* Whoever is not let in goes in globally, as the process tree's users do. */
static void go_locally(void)
{
	if (!lglock_try_local(&lock)) {
		go_globally();
		return;
	}
	locals++;
	MUST(globals == 0);
	__atomic_fetch_add(&entries, 1, __ATOMIC_RELAXED);
	MUST(globals == 0);
	locals--;
	lglock_leave();
}

static void run(unsigned cpu)
{
	if (cpu == 0)
		go_globally();
	else
		go_locally();
	go_locally();
}

static void all_came(void)
{
	MUST(entries == 4 && !lock.global.held && !lock.is_global);
}

static void all_three_came(void)
{
	MUST(entries == 6 && !lock.global.held && !lock.is_global);
}

const struct scenario lglock_pair = {"lglock", 2, 4, setup, run, all_came};
const struct scenario lglock_three = {"lglock of three", 3, 2, setup, run, all_three_came};
