/* SPDX-License-Identifier: BSD-2-Clause */
#include "kernel/lib/string.h"

#include "kernel/core/lock_stat.h"
#include "kernel/core/panic.h"
#include "kernel/sched/thread.h"
#include "kernel/x86/cpu.h"
#include "kernel/x86/tlb.h"

/* No circle of more threads is looked for. */
#define CIRCLE_MAX 16u
#define PRINT_MAX  64u

static struct list_node edges = LIST_INIT(edges);
/* Inside of everything, so it has no rank: nothing is called under it. */
static uint32_t graph_taken;

static uint64_t graph_lock(void)
{
	uint64_t flags = irq_save();

	while (__atomic_exchange_n(&graph_taken, 1, __ATOMIC_ACQUIRE)) {
		tlb_serve();
		cpu_relax();
	}
	return flags;
}

static void graph_unlock(uint64_t flags)
{
	__atomic_store_n(&graph_taken, 0, __ATOMIC_RELEASE);
	irq_restore(flags);
}

static struct lock_edge *edge_of(uint32_t rank)
{
	ASSERT(rank <= LOCK_LEAF_MUTEX);
	return &thread_self()->locks.edges[rank];
}

static const struct lock_edge *wait_of(const struct thread *thread)
{
	for (unsigned rank = 0; rank <= LOCK_LEAF_MUTEX; rank++)
		if (thread->locks.edges[rank].lock && thread->locks.edges[rank].waits)
			return &thread->locks.edges[rank];
	return NULL;
}

/* Whether who holds @lock waits, himself or through others, for @thread. */
static bool leads_to(const void *lock, const struct thread *thread, unsigned depth)
{
	list_for_each(node, &edges)
	{
		const struct lock_edge *edge = list_entry(node, struct lock_edge, link);
		const struct lock_edge *next;

		if (edge->lock != lock || edge->waits)
			continue;
		if (edge->thread == thread)
			return true;
		next = wait_of(edge->thread);
		if (next && depth < CIRCLE_MAX && leads_to(next->lock, thread, depth + 1))
			return true;
	}
	return false;
}

static void edge_set(const void *lock, uint32_t rank, const char *place, bool waits)
{
	struct lock_edge *edge = edge_of(rank);

	if (!edge->lock)
		list_add_tail(&edges, &edge->link);
	edge->thread = thread_self();
	edge->lock = lock;
	edge->place = place;
	edge->waits = waits;
}

/* Who takes a lock notes it before it waits for another: the last one of a circle sees it all. */
void wait_graph_wait(const void *lock, uint32_t rank, const char *place)
{
	uint64_t flags = graph_lock();
	bool circle;

	edge_set(lock, rank, place, true);
	circle = leads_to(lock, thread_self(), 0);
	graph_unlock(flags);
	if (circle)
		panic("deadlock: %s waits for %s at %s", thread_self()->name, lock_name(rank),
		      place);
}

void wait_graph_hold(const void *lock, uint32_t rank, struct mutex_note *note, const char *place)
{
	uint64_t flags = graph_lock();
	uint32_t self = cpu_id() + 1;

	lock_stat_mutex(rank, edge_of(rank)->lock, note->last && note->last != self);
	note->last = self;
	edge_set(lock, rank, place, false);
	graph_unlock(flags);
}

void wait_graph_drop(uint32_t rank)
{
	uint64_t flags = graph_lock();
	struct lock_edge *edge = edge_of(rank);

	list_remove(&edge->link);
	edge->lock = NULL;
	graph_unlock(flags);
}

static void row_fill(const struct lock_edge *edge, struct lock_row *row)
{
	strlcpy(row->thread, edge->thread->name, sizeof(row->thread));
	row->rank = (unsigned)(edge - edge->thread->locks.edges);
	row->waits = edge->waits;
	row->place = edge->place;
}

bool wait_graph_row(unsigned index, struct lock_row *row)
{
	uint64_t flags = graph_lock();
	bool found = false;

	list_for_each(node, &edges)
	{
		if (index-- > 0)
			continue;
		row_fill(list_entry(node, struct lock_edge, link), row);
		found = true;
		break;
	}
	graph_unlock(flags);
	return found;
}

/* Whoever had the graph has been stopped: the list may end anywhere. */
static void print_edges(void)
{
	struct list_node *node = edges.next;

	for (unsigned i = 0; i < PRINT_MAX && node && node != &edges; i++, node = node->next) {
		const struct lock_edge *edge = list_entry(node, struct lock_edge, link);
		struct lock_row row;

		row_fill(edge, &row);
		panic_print("  %s %p %s %s %p, %s\n", row.thread, (const void *)edge->thread,
			    row.waits ? "waits for" : "holds", lock_name(row.rank), edge->lock,
			    row.place);
	}
}

static struct panic_section section = {.title = "mutexes", .print = print_edges};

void wait_graph_init(void)
{
	panic_register(&section);
}
