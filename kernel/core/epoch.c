/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Each CPU collects what it retires. When it has enough it asks every other CPU, by an interrupt:
 * one that is in no section answers at once, one that is answers at the end of its outermost
 * section. What was retired before the question may be freed when all have answered, since a
 * section that begins later cannot find it any more. Readers pay for none of this.
 */
#include "kernel/core/epoch.h"

#include "kernel/core/irq.h"
#include "kernel/core/limits.h"
#include "kernel/core/spinlock.h"
#include "kernel/core/time.h"
#include "kernel/x86/apic.h"
#include "kernel/x86/cpus.h"
#include "kernel/x86/patience.h"
#include "kernel/x86/tlb.h"

/* Nodes that one question is asked for, and how long fewer of them wait. */
#define EPOCH_BATCH  128u
#define EPOCH_LAG_NS (10 * NS_PER_MS)

struct epoch_cpu {
	struct spinlock lock;       /* the lists; others take it in epoch_drain() only */
	struct epoch_node *retired; /* since the last question */
	struct epoch_node *asked;   /* behind a question: free when nobody is unanswered */
	uint64_t retired_count;
	uint64_t count; /* of both lists and of what is being freed */
	struct timer lag;
	uint64_t unanswered; /* CPUs that this one waits for */
	uint64_t askers;     /* CPUs that wait for this one */
} __aligned(64);

static struct epoch_cpu epochs[LIMIT_CPUS];
static void (*epoch_worker)(void);

static struct epoch_cpu *epoch_self(void)
{
	return &epochs[cpu_id()];
}

/* Context: in no read section; interrupts that come meanwhile end theirs. */
static void answer(unsigned self)
{
	for_each_cpu(id, __atomic_exchange_n(&epochs[self].askers, 0, __ATOMIC_ACQ_REL))
		__atomic_fetch_and(&epochs[id].unanswered, ~BIT(self), __ATOMIC_RELEASE);
}

void epoch_serve(void)
{
	ASSERT(!epoch_reading());
	answer(cpu_id());
}

static bool asked(void *arg)
{
	struct cpu *cpu = cpu_self();

	(void)arg;
	if (cpu->epoch_depth)
		WRITE_ONCE(cpu->epoch_work, 1);
	else
		answer(cpu->id);
	return true;
}

/* What comes too late for an earlier question is right for this one too: its CPU does not read. */
static void ask(struct epoch_cpu *epoch, unsigned self)
{
	uint64_t others = cpus_others();

	__atomic_store_n(&epoch->unanswered, others, __ATOMIC_SEQ_CST);
	for_each_cpu(id, others)
	{
		if (!__atomic_fetch_or(&epochs[id].askers, BIT(self), __ATOMIC_SEQ_CST))
			lapic_send(cpu_at((unsigned)id)->apic_id, VECTOR_EPOCH);
	}
}

static bool answered(const struct epoch_cpu *epoch)
{
	return !__atomic_load_n(&epoch->unanswered, __ATOMIC_ACQUIRE);
}

static void free_all(struct epoch_node *node)
{
	while (node) {
		struct epoch_node *next = (struct epoch_node *)node->link.next;

		node->free(node);
		__atomic_fetch_sub(&epoch_self()->count, 1, __ATOMIC_RELAXED);
		node = next;
	}
}

/* What may be freed now, taken out; asks the next question when it is worth one. */
static struct epoch_node *take_ready(struct epoch_cpu *epoch, unsigned self)
{
	uint64_t enough = cpus_others() ? EPOCH_BATCH : 1;
	struct epoch_node *ready = NULL;

	spin_lock(&epoch->lock);
	if (!epoch->asked && epoch->retired_count >= enough) {
		epoch->asked = epoch->retired;
		epoch->retired = NULL;
		epoch->retired_count = 0;
		ask(epoch, self);
	}
	if (answered(epoch)) {
		ready = epoch->asked;
		epoch->asked = NULL;
	}
	if (epoch->asked)
		WRITE_ONCE(cpu_self()->epoch_work, 1);
	spin_unlock(&epoch->lock);
	return ready;
}

/* Freeing takes locks: inside an interrupt or under a spinlock the end of a later section does it.
 */
static void free_ready(struct cpu *cpu)
{
	struct epoch_node *ready;

	if (cpu->held_locks || cpu->irq_depth) {
		WRITE_ONCE(cpu->epoch_work, 1);
		return;
	}
	do {
		ready = take_ready(&epochs[cpu->id], cpu->id);
		free_all(ready);
		cpu = cpu_self(); /* freeing may have slept */
	} while (ready);
}

void epoch_exit_work(struct cpu *cpu)
{
	WRITE_ONCE(cpu->epoch_work, 0);
	if (READ_ONCE(epochs[cpu->id].askers))
		answer(cpu->id);
	if (READ_ONCE(epochs[cpu->id].retired) || READ_ONCE(epochs[cpu->id].asked))
		free_ready(cpu);
}

static void lag_over(struct timer *timer)
{
	(void)timer;
	if (epoch_worker)
		epoch_worker();
}

static void keep(struct epoch_cpu *epoch, struct epoch_node *node)
{
	spin_lock(&epoch->lock);
	node->link.next = (struct list_node *)epoch->retired;
	epoch->retired = node;
	epoch->retired_count++;
	__atomic_fetch_add(&epoch->count, 1, __ATOMIC_RELAXED);
	spin_unlock(&epoch->lock);
	if (cpus_others() && !epoch->lag.armed)
		timer_start(&epoch->lag, time_now_ns() + EPOCH_LAG_NS);
}

void epoch_retire(struct epoch_node *node, void (*free)(struct epoch_node *node))
{
	struct cpu *cpu = cpu_self();
	bool idle = !cpu->epoch_depth && !cpu->held_locks;

	if (idle && !cpus_others()) {
		free(node);
		return;
	}
	node->free = free;
	keep(&epochs[cpu->id], node);
	if (cpu->epoch_depth)
		WRITE_ONCE(cpu->epoch_work, 1);
	else
		free_ready(cpu);
}

static struct epoch_node *chain(struct epoch_node *first, struct epoch_node *rest)
{
	struct epoch_node *last = first;

	if (!first)
		return rest;
	while (last->link.next)
		last = (struct epoch_node *)last->link.next;
	last->link.next = (struct list_node *)rest;
	return first;
}

/* All that @from has, with its count. */
static struct epoch_node *steal(struct epoch_cpu *from)
{
	struct epoch_node *nodes;
	uint64_t count = 0;

	spin_lock(&from->lock);
	nodes = chain(from->asked, from->retired);
	from->asked = NULL;
	from->retired = NULL;
	from->retired_count = 0;
	for (struct epoch_node *node = nodes; node; node = (struct epoch_node *)node->link.next)
		count++;
	__atomic_fetch_sub(&from->count, count, __ATOMIC_RELAXED);
	spin_unlock(&from->lock);
	__atomic_fetch_add(&epoch_self()->count, count, __ATOMIC_RELAXED);
	return nodes;
}

void epoch_drain(void)
{
	struct epoch_node *nodes = NULL;

	might_sleep();
	ASSERT(!epoch_reading());
	for (unsigned i = 0; i < LIMIT_CPUS; i++) {
		if (!READ_ONCE(epochs[i].retired) && !READ_ONCE(epochs[i].asked))
			continue;
		timer_stop(&epochs[i].lag);
		nodes = chain(steal(&epochs[i]), nodes);
	}
	ask(epoch_self(), cpu_id());
	cpus_await(&epoch_self()->unanswered, "question");
	free_all(nodes);
}

uint64_t epoch_pending(void)
{
	uint64_t count = 0;

	for (unsigned i = 0; i < LIMIT_CPUS; i++)
		count += READ_ONCE(epochs[i].count);
	return count;
}

void epoch_set_worker(void (*wake)(void))
{
	epoch_worker = wake;
}

void epoch_init(void)
{
	for (unsigned i = 0; i < LIMIT_CPUS; i++) {
		spin_init(&epochs[i].lock, LOCK_EPOCH);
		timer_init(&epochs[i].lag, lag_over);
	}
	irq_register_vector(VECTOR_EPOCH, asked, NULL);
}
