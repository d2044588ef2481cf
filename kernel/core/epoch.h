/* SPDX-License-Identifier: BSD-2-Clause */
#pragma once
/*
 * Reclaiming memory that is read without locks. A reader brackets its reading by epoch_enter and
 * epoch_exit and does not sleep between; a writer unlinks a node and retires it; the node is freed
 * once every CPU that could be reading has passed a point where it was not. Sections nest.
 */
#include "kernel/lib/assert.h"
#include "kernel/lib/compiler.h"
#include "kernel/lib/list.h"
#include "kernel/lib/types.h"

#include "kernel/x86/percpu.h"

/* Embedded in what is reclaimed. */
struct epoch_node {
	struct list_node link;
	void (*free)(struct epoch_node *node);
};

/** Begin reading. Context: any; until epoch_exit no sleep and no preemption point (asserted). */
static inline void epoch_enter(void)
{
	cpu_self()->epoch_depth++;
	compiler_barrier();
}

/** Whether this CPU is inside a read section. For assertions. */
static inline bool epoch_reading(void)
{
	return cpu_self()->epoch_depth != 0;
}

/* The end of a section of a CPU from which others wait for an answer, or which has what to free. */
void epoch_exit_work(struct cpu *cpu);

/** End reading. */
static inline void epoch_exit(void)
{
	struct cpu *cpu = cpu_self();

	compiler_barrier();
	ASSERT(cpu->epoch_depth > 0);
	cpu->epoch_depth--;
	if (unlikely(READ_ONCE(cpu->epoch_work)) && !cpu->epoch_depth)
		epoch_exit_work(cpu);
}

/** Free @node by @free once nobody can be reading it any more. Context: thread, no spinlock of
 *  LOCK_EPOCH's rank or above. */
void epoch_retire(struct epoch_node *node, void (*free)(struct epoch_node *node));

/**
 * Wait until everything that any CPU has retired so far is freed: makes counts exact.
 * Context: thread, may sleep.
 */
void epoch_drain(void);

/** Answer other CPUs now. Context: interrupts off, in no read section. */
void epoch_serve(void);

/** How many nodes wait to be freed. */
uint64_t epoch_pending(void);

/** What is called, in an interrupt, to get a thread to call epoch_drain() soon. Context: boot. */
void epoch_set_worker(void (*wake)(void));

/** Be asked by other CPUs from now on. Context: boot, once, after irq_init(). */
void epoch_init(void);
