/* SPDX-License-Identifier: BSD-2-Clause */
#include "kernel/sched/inherit.h"

#include "kernel/lib/bits.h"

#include "kernel/core/spinlock.h"
#include "kernel/sched/deadline.h"
#include "kernel/sched/realtime.h"

static struct spinlock guard = SPINLOCK_INIT(LOCK_INHERIT);

static struct inherit_waiter *waiter_of(struct rb_node *node)
{
	return container_of(node, struct inherit_waiter, node);
}

static struct inherit_lock *lock_of(struct rb_node *node)
{
	return container_of(node, struct inherit_lock, node);
}

/* What mutexes lend it does not count: a thread that sleeps here has none. */
static uint32_t priority_of(const struct thread *thread)
{
	uint32_t own = READ_ONCE(thread->own_realtime), inherited = thread->inherited_realtime;

	return MAX(own, inherited);
}

/* 0: it has none. */
static uint64_t due_of(const struct thread *thread)
{
	if (READ_ONCE(thread->own_realtime) != REALTIME_DEADLINE)
		return 0;
	return READ_ONCE(thread->deadline->due_ns);
}

struct inherit_waiter *inherit_first(const struct inherit_lock *lock)
{
	spin_lock(&guard);
	struct rb_node *node = rb_first(&lock->waiters);

	spin_unlock(&guard);
	return node ? waiter_of(node) : NULL;
}

/* --- the two trees --- */

static void owned_add(struct thread *owner, struct inherit_lock *lock)
{
	struct rb_node *parent = NULL;
	unsigned side = 0;

	for (struct rb_node *at = owner->inherit.owned.root; at; at = at->child[side]) {
		parent = at;
		side = lock->priority <= lock_of(at)->priority;
	}
	rb_insert(&owner->inherit.owned, &lock->node, parent, side);
}

static bool waiter_precedes(const struct inherit_waiter *waiter, const struct inherit_waiter *other)
{
	if (waiter->priority != other->priority)
		return waiter->priority > other->priority;
	return waiter->due_ns < other->due_ns;
}

static void waiter_add(struct inherit_lock *lock, struct inherit_waiter *waiter)
{
	struct rb_node *parent = NULL;
	unsigned side = 0;

	waiter->priority = priority_of(waiter->thread);
	waiter->due_ns = due_of(waiter->thread);
	for (struct rb_node *at = lock->waiters.root; at; at = at->child[side]) {
		parent = at;
		side = !waiter_precedes(waiter, waiter_of(at));
	}
	rb_insert(&lock->waiters, &waiter->node, parent, side);
}

/* Before and after each change of who waits for @lock or whose it is. */
static void lock_out(struct inherit_lock *lock)
{
	if (lock->owner && lock->waiters.root)
		rb_erase(&lock->owner->inherit.owned, &lock->node);
}

static void lock_in(struct inherit_lock *lock)
{
	struct inherit_waiter *first;

	if (!lock->waiters.root)
		return;
	first = waiter_of(rb_first(&lock->waiters));
	lock->priority = first->priority;
	if (lock->owner) {
		owned_add(lock->owner, lock);
	} else {
		WRITE_ONCE(first->is_called, true);
		thread_wake(first->thread);
	}
}

/* --- along the chain --- */

/* @thread has another priority or deadline: if it waits, it stands elsewhere. Return: who may have
 * another one for that. */
static struct thread *move_waiter(struct thread *thread)
{
	struct inherit_waiter *waiter = thread->inherit.waits;

	if (!waiter ||
	    (waiter->priority == priority_of(thread) && waiter->due_ns == due_of(thread)))
		return NULL;
	lock_out(waiter->lock);
	rb_erase(&waiter->lock->waiters, &waiter->node);
	waiter_add(waiter->lock, waiter);
	lock_in(waiter->lock);
	return waiter->lock->owner;
}

static uint32_t most_urgent(const struct thread *thread)
{
	struct rb_node *node = rb_first(&thread->inherit.owned);

	return node ? MIN(lock_of(node)->priority, REALTIME_BEST) : 0;
}

/* Who waits for what @thread (NULL: nobody) owns has changed. */
static void follow(struct thread *thread)
{
	while (thread && most_urgent(thread) != thread->inherited_realtime) {
		thread_realtime_inherit(thread, most_urgent(thread));
		thread = move_waiter(thread);
	}
}

static bool leads_to(const struct thread *owner, const struct thread *self)
{
	for (unsigned steps = 0; owner; steps++) {
		const struct inherit_waiter *waiter = owner->inherit.waits;

		if (owner == self || steps == INHERIT_CHAIN_MOST)
			return true;
		owner = waiter ? waiter->lock->owner : NULL;
	}
	return false;
}

/* --- joining, leaving, passing on --- */

enum err inherit_join(struct inherit_lock *lock, struct inherit_waiter *waiter)
{
	struct thread *self = thread_self();
	enum err err = OK;

	spin_lock(&guard);
	if (leads_to(lock->owner, self)) {
		err = ERR_DEADLK;
	} else {
		*waiter = (struct inherit_waiter){.lock = lock, .thread = self};
		lock_out(lock);
		waiter_add(lock, waiter);
		self->inherit.waits = waiter;
		lock_in(lock);
		follow(lock->owner);
	}
	spin_unlock(&guard);
	return err;
}

static void waiter_out(struct inherit_waiter *waiter)
{
	rb_erase(&waiter->lock->waiters, &waiter->node);
	waiter->thread->inherit.waits = NULL;
}

void inherit_leave(struct inherit_waiter *waiter)
{
	struct inherit_lock *lock = waiter->lock;

	spin_lock(&guard);
	lock_out(lock);
	waiter_out(waiter);
	lock_in(lock);
	follow(lock->owner);
	spin_unlock(&guard);
}

bool inherit_may_take(struct inherit_waiter *waiter)
{
	const struct inherit_lock *lock = waiter->lock;
	bool may;

	spin_lock(&guard);
	may = !lock->owner && rb_first(&lock->waiters) == &waiter->node;
	WRITE_ONCE(waiter->is_called, may);
	spin_unlock(&guard);
	return may;
}

void inherit_pass(struct inherit_waiter *waiter)
{
	struct inherit_lock *lock = waiter->lock;
	struct thread *before;

	spin_lock(&guard);
	before = lock->owner;
	lock_out(lock);
	waiter_out(waiter);
	lock->owner = waiter->thread;
	lock_in(lock);
	/* The next one first: between the two there is none without the priority. */
	follow(lock->owner);
	follow(before);
	spin_unlock(&guard);
}

void inherit_adjust(struct thread *thread)
{
	spin_lock(&guard);
	follow(move_waiter(thread));
	spin_unlock(&guard);
}

void inherit_give_up(void)
{
	struct thread *self = thread_self();
	struct rb_node *node;

	spin_lock(&guard);
	while ((node = rb_first(&self->inherit.owned))) {
		struct inherit_lock *lock = lock_of(node);

		lock_out(lock);
		lock->owner = NULL;
		lock_in(lock);
	}
	follow(self);
	spin_unlock(&guard);
}
