/* SPDX-License-Identifier: BSD-2-Clause */
/* kernel/sched/mutex: one owner, or many readers; whoever waits gets it. */
#include "kernel/sched/mutex.h"
#include "tests/interleave/cases.h"
#include "tests/interleave/machine.h"

static struct mutex mutex;
static struct rwlock rwlock;
static unsigned inside, readers, entries;

static void setup(void)
{
	mutex_init(&mutex, LOCK_PIPE);
	rwlock_init(&rwlock, LOCK_SPACE);
	inside = readers = entries = 0;
}

static void enter_and_leave(void)
{
	MUST(inside++ == 0 && !readers);
	WRITE_ONCE(entries, entries + 1);
	MUST(--inside == 0 && !readers);
}

static void take_mutex(unsigned cpu)
{
	(void)cpu;
	mutex_lock(&mutex);
	enter_and_leave();
	mutex_unlock(&mutex);
}

static void write_locked(void)
{
	rwlock_write(&rwlock);
	enter_and_leave();
	rwlock_write_done(&rwlock);
}

static void read_locked(void)
{
	rwlock_read(&rwlock);
	MUST(!inside);
	readers++;
	(void)READ_ONCE(entries);
	MUST(!inside);
	readers--;
	rwlock_read_done(&rwlock);
}

static void two_writers(unsigned cpu)
{
	if (cpu == 2)
		read_locked();
	else
		write_locked();
}

static void two_readers(unsigned cpu)
{
	if (cpu)
		read_locked();
	else
		write_locked();
}

static bool at_rest(void)
{
	return !mutex.owner && list_empty(&mutex.waiters.waiters) && !rwlock.readers &&
	       !rwlock.writers_waiting && list_empty(&rwlock.waiters.waiters) && !inside &&
	       !readers;
}

static void three_came(void)
{
	MUST(entries == 3 && at_rest());
}

static void two_came(void)
{
	MUST(entries == 2 && at_rest());
}

static void one_came(void)
{
	MUST(entries == 1 && at_rest());
}

const struct scenario mutex_exclusion = {"mutex", 3, 2, setup, take_mutex, three_came};
const struct scenario rwlock_writers = {"rwlock writers", 3, 2, setup, two_writers, two_came};
const struct scenario rwlock_readers = {"rwlock readers", 3, 2, setup, two_readers, one_came};
