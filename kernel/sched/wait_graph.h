/* SPDX-License-Identifier: BSD-2-Clause */
#pragma once
/*
 * DEBUG builds: which thread holds which mutex or rwlock and which it waits for, and where it asked
 * for it. Threads that wait for each other in a circle are reported by the one that closes it.
 * Context of all functions: any.
 */
#include "kernel/lib/debug.h"
#include "kernel/lib/list.h"

#include "kernel/core/lock_class.h"

struct thread;

/* In every mutex and rwlock. */
struct mutex_note {
#if CONFIG_DEBUG
	uint32_t last; /* 1 + the number of the CPU on which it was taken last */
#endif
};

/* One edge: a thread and what it holds or waits for. */
struct lock_edge {
	struct list_node link;
	struct thread *thread;
	const void *lock;
	const char *place;
	bool waits;
};

/* In every thread, by rank: it holds at most one lock of each. */
struct thread_locks {
#if CONFIG_DEBUG
	struct lock_edge edges[LOCK_LEAF_MUTEX + 1];
#endif
};

/** The running thread is about to wait for @lock. Panics when that closes a circle. */
void wait_graph_wait(const void *lock, uint32_t rank, const char *place);
/** The running thread has taken @lock. */
void wait_graph_hold(const void *lock, uint32_t rank, struct mutex_note *note, const char *place);
/** The running thread is about to release its lock of rank @rank. */
void wait_graph_drop(uint32_t rank);

/* A copy of an edge, for reports. */
struct lock_row {
	char thread[16];
	unsigned rank;
	bool waits;
	const char *place;
};

/** Edge number @index. Return: false behind the last one. */
bool wait_graph_row(unsigned index, struct lock_row *row);

/** Have reports of a panic tell of all edges. Context: boot, once. */
void wait_graph_init(void);
