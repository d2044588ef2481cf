/* SPDX-License-Identifier: BSD-2-Clause */
#pragma once
/* What DEBUG builds count of each class of lock_order.def. Context: any. */
#include "kernel/lib/types.h"

struct lock_count {
	uint64_t taken;
	uint64_t contended; /* of these, times it was not free */
	uint64_t moved;     /* of these, times another CPU had had that lock before */
};

/** The sums over all CPUs of the class of rank @rank. */
struct lock_count lock_stat_read(unsigned rank);

/** The running thread has taken a mutex or rwlock. */
void lock_stat_mutex(unsigned rank, bool contended, bool moved);

/* A CPU and a spinlock. */
struct spin_row {
	bool waits;        /* for it; else the CPU holds it */
	const char *place; /* where it was asked for or taken; may be NULL */
};

/** Whether CPU @cpu holds or wants a spinlock of that rank. A snapshot. */
bool lock_stat_cpu(unsigned cpu, unsigned rank, struct spin_row *row);
