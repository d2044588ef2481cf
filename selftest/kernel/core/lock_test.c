/* SPDX-License-Identifier: BSD-2-Clause */
#include "kernel/lib/list.h"
#include "kernel/lib/refcount.h"

#include "kernel/core/spinlock.h"
#include "kernel/sched/mutex.h"
#include "selftest/expect.h"
#include "selftest/selftest.h"

static struct spinlock outer = SPINLOCK_INIT(LOCK_FILES);
static struct spinlock inner = SPINLOCK_INIT(LOCK_LEAF_SPIN);
static struct spinlock irq_lock = SPINLOCK_INIT(LOCK_LEAF_IRQ);
static struct mutex outer_mutex = MUTEX_INIT(outer_mutex, LOCK_RENAME);
static struct spinlock unmade;
static struct mutex unmade_mutex;
static struct mutex inner_mutex = MUTEX_INIT(inner_mutex, LOCK_LEAF_MUTEX);

static void take_spin(void *lock)
{
	spin_lock(lock);
	spin_unlock(lock);
}

static void take_mutex(void *mutex)
{
	mutex_lock(mutex);
	mutex_unlock(mutex);
}

static void go_to_sleep(void *arg)
{
	(void)arg;
	might_sleep();
}

SELFTEST(M14, 8, lock_ranks_ascend, .needs = M8)
{
	CHECK(lock_order_sound());
	spin_lock(&outer);
	take_spin(&inner); /* the right way round works */
	spin_unlock(&outer);
	spin_lock(&inner);
	bool caught = expect_assert(take_spin, &outer);
	bool same = expect_assert(take_spin, &inner);
	spin_unlock(&inner);
	CHECK(caught && same);
	CHECK(expect_assert(take_spin, &unmade) && expect_assert(take_mutex, &unmade_mutex));
	mutex_lock(&outer_mutex);
	take_mutex(&inner_mutex);
	mutex_unlock(&outer_mutex);
	mutex_lock(&inner_mutex);
	caught = expect_assert(take_mutex, &outer_mutex);
	mutex_unlock(&inner_mutex);
	CHECK(caught);
	CHECK(cpu_self()->held_locks == 0 && thread_self()->held_mutexes == 0);
	return true;
}

SELFTEST(M14, 8, no_sleep_under_spinlock, .needs = M8)
{
	CHECK(!expect_assert(go_to_sleep, NULL));
	spin_lock(&outer);
	bool asleep = expect_assert(go_to_sleep, NULL);
	bool mutex = expect_assert(take_mutex, &inner_mutex);
	spin_unlock(&outer);
	CHECK(asleep && mutex);
	/* A lock that interrupts share is not taken with them on, nor any other lock under it. */
	CHECK(expect_assert(take_spin, &irq_lock));
	uint64_t flags = spin_lock_irqsave(&irq_lock);
	bool under = expect_assert(take_spin, &inner);
	spin_unlock_irqrestore(&irq_lock, flags);
	CHECK(under && irq_enabled());
	return true;
}

static void drop_count(void *count)
{
	(void)!refcount_put(count);
}

static void raise_count(void *count)
{
	refcount_get(count);
}

SELFTEST(M13, 9, reference_counts, .needs = M2)
{
	struct refcount count = REFCOUNT_INIT(1);

	refcount_get(&count);
	CHECK(!refcount_put(&count) && refcount_put(&count));
	CHECK(!refcount_get_unless_zero(&count));
	CHECK(expect_assert(drop_count, &count)); /* below zero */
	refcount_init(&count, 0);
	CHECK(expect_assert(raise_count, &count)); /* from zero: nobody had a reference */
	refcount_init(&count, REFCOUNT_SATURATED - 1);
	for (unsigned i = 0; i < 4; i++)
		refcount_get(&count);
	CHECK(refcount_read(&count) >= REFCOUNT_SATURATED);
	for (unsigned i = 0; i < 8; i++)
		CHECK(!refcount_put(&count)); /* saturated: never freed again */
	CHECK(refcount_read(&count) >= REFCOUNT_SATURATED);
	return true;
}

static struct list_node list, node, other;

static void add_node(void *arg)
{
	list_add_tail(&list, arg);
}

static void remove_node(void *arg)
{
	list_remove(arg);
}

SELFTEST(M13, 9, broken_lists_caught, .needs = M2)
{
	list_init(&list);
	list_add_tail(&list, &node);
	list.prev = &other; /* a neighbour that points elsewhere */
	other.next = &node;
	other.prev = &node;
	CHECK(expect_assert(add_node, &other));
	CHECK(expect_assert(remove_node, &node));
	list.prev = &node;
	CHECK(!expect_assert(remove_node, &node)); /* the twin: an intact list */
	CHECK(list_empty(&list) && list_empty(&node));
	return true;
}
