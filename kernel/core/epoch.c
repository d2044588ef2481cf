/* SPDX-License-Identifier: BSD-2-Clause */
#include "kernel/core/epoch.h"

#include "kernel/core/limits.h"
#include "kernel/core/spinlock.h"

/*
 * While one CPU runs, a reader can only be the running thread itself or what it interrupted: a
 * section neither sleeps nor is preempted. So memory retired outside every section is free at once,
 * and memory retired inside one is free when the outermost section of this CPU ends. What a further
 * CPU adds is the wait for its own quiescent point, in epoch_free_ready().
 */
static struct spinlock epoch_lock = SPINLOCK_INIT(LOCK_EPOCH);
static struct list_node epoch_waiting = LIST_INIT(epoch_waiting);
static uint64_t epoch_waiting_count;
uint32_t epoch_depth[LIMIT_CPUS];

void epoch_enter(void)
{
	epoch_depth[cpu_id()]++;
	compiler_barrier();
}

static struct epoch_node *epoch_take(void)
{
	struct epoch_node *node = NULL;

	spin_lock(&epoch_lock);
	if (!list_empty(&epoch_waiting)) {
		node = list_first(&epoch_waiting, struct epoch_node, link);
		list_remove(&node->link);
		epoch_waiting_count--;
	}
	spin_unlock(&epoch_lock);
	return node;
}

static void epoch_free_ready(void)
{
	struct epoch_node *node;

	while ((node = epoch_take()))
		node->free(node);
}

void epoch_exit(void)
{
	struct cpu *cpu = cpu_self();

	compiler_barrier();
	ASSERT(epoch_depth[cpu->id] > 0);
	epoch_depth[cpu->id]--;
	/* Freeing takes locks: inside an interrupt or under a spinlock the next exit does it. */
	if (unlikely(epoch_waiting_count) && !epoch_depth[cpu->id] && !cpu->held_locks &&
	    !cpu->irq_depth)
		epoch_free_ready();
}

void epoch_retire(struct epoch_node *node, void (*free)(struct epoch_node *node))
{
	struct cpu *cpu = cpu_self();

	if (!epoch_depth[cpu->id] && !cpu->held_locks) {
		free(node);
		return;
	}
	node->free = free;
	spin_lock(&epoch_lock);
	list_add_tail(&epoch_waiting, &node->link);
	epoch_waiting_count++;
	spin_unlock(&epoch_lock);
}

void epoch_drain(void)
{
	might_sleep();
	ASSERT(!epoch_reading());
	epoch_free_ready();
}

uint64_t epoch_pending(void)
{
	return READ_ONCE(epoch_waiting_count);
}
