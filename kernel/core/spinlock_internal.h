/* SPDX-License-Identifier: BSD-2-Clause */
#pragma once
/* Between spinlock.c and what reports on it. */
#include "kernel/core/limits.h"
#include "kernel/core/spinlock.h"

/* So many looks between two searches for a deadlock (DEBUG builds). */
#define SPIN_CYCLE_LOOKS 0x4000u

/* The lock that a CPU spins for; written by it alone, off the uncontended path. */
struct spin_wait {
	const struct spinlock *lock; /* NULL: none */
	const char *place;           /* DEBUG builds */
	uint64_t from;               /* the address that it was asked for from */
};
extern struct spin_wait spin_waits[LIMIT_CPUS];

/* spinlock_debug.c, DEBUG builds: ends in a report when CPUs wait for each other in a circle, one
 * of them this one for @lock. */
void spin_cycle_check(const struct spinlock *lock);
void spin_note_contended(struct spinlock *lock);
/* Ranks of the locks that CPU @cpu holds. */
uint64_t spin_ranks_noted(unsigned cpu);
/* Where CPU @cpu took the lock of rank @rank that it holds. */
const char *spin_taken_at(unsigned cpu, unsigned rank);
