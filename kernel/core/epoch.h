/* SPDX-License-Identifier: BSD-2-Clause */
#pragma once
/*
 * Reclaiming memory that is read without locks. A reader brackets its reading by epoch_enter and
 * epoch_exit and does not sleep between; a writer unlinks a node and retires it; the node is freed
 * once every CPU that could be reading has passed a quiescent point. Sections nest.
 */
#include "kernel/lib/list.h"
#include "kernel/lib/types.h"

#include "kernel/x86/percpu.h"

/* Embedded in what is reclaimed. */
struct epoch_node {
	struct list_node link;
	void (*free)(struct epoch_node *node);
};

/** Begin reading. Context: any; until epoch_exit no sleep and no preemption point (asserted). */
void epoch_enter(void);

/* Open read sections of each CPU. */
extern uint32_t epoch_depth[];

/** Whether this CPU is inside a read section. For assertions. */
static inline bool epoch_reading(void)
{
	return epoch_depth[cpu_id()] != 0;
}

/** End reading. */
void epoch_exit(void);

/** Free @node by @free once nobody can be reading it any more. Context: thread, no spinlock needed.
 */
void epoch_retire(struct epoch_node *node, void (*free)(struct epoch_node *node));

/** Wait until everything retired so far is freed: makes counts exact. Context: thread, may sleep.
 */
void epoch_drain(void);

/** How many nodes wait to be freed. */
uint64_t epoch_pending(void);
