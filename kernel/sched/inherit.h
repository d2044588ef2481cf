/* SPDX-License-Identifier: BSD-2-Clause */
#pragma once
/*
 * Priority inheritance for locks that programs keep in their own memory. Here is only whose one is
 * and who waits for it, and it is known here only while somebody does. An owner has the priority of
 * the most urgent who waits for any of his locks, exactly as long as that one waits; so it goes on
 * along any chain, and from its end on by mutexes (mutex.h).
 *
 * All of it is under one spinlock: a chain is seen as a whole, so no two threads can come to wait
 * for each other at once. The caller sees to it that one thread at a time joins, leaves, takes or
 * hands over the same lock; owners may end and priorities change meanwhile.
 */
#include "kernel/lib/errors.h"
#include "kernel/lib/rbtree.h"

#include "kernel/sched/thread.h"

/* A longer chain is refused like a circle, as on Linux. */
#define INHERIT_CHAIN_MOST 1024u

struct inherit_lock {
	struct thread *owner; /* NULL: it has ended, and the first who waits is called to take it */
	struct rb_tree waiters; /* the most urgent one first: inherit_waiter; equals as they came */
	uint32_t priority;      /* of the first, while somebody waits */
	struct rb_node node;    /* among its owner's, while somebody waits */
};

/* On the waiting thread's stack. */
struct inherit_waiter {
	struct rb_node node;
	struct inherit_lock *lock;
	struct thread *thread;
	uint32_t priority;
	uint64_t due_ns; /* of SCHED_DEADLINE: its deadline as it began to wait, the earliest first
			  */
	bool is_called;  /* the lock is nobody's: look whether it may be taken */
};

/** A lock of @owner's that nobody waits for. */
static inline void inherit_init(struct inherit_lock *lock, struct thread *owner)
{
	*lock = (struct inherit_lock){.owner = owner};
}

/**
 * The running thread waits for @lock from now on; it sleeps by itself. The owner of a lock that
 * nobody waited for is sure not to end meanwhile.
 * Return: OK; ERR_DEADLK when the owner waits for this thread.
 */
enum err inherit_join(struct inherit_lock *lock, struct inherit_waiter *waiter);
/** It waits no more. */
void inherit_leave(struct inherit_waiter *waiter);

/** Who is next; NULL: nobody waits, and the lock is unknown here. */
struct inherit_waiter *inherit_first(const struct inherit_lock *lock);
/** Whether the lock is nobody's and @waiter the first; else it is called again when it is. */
bool inherit_may_take(struct inherit_waiter *waiter);
/** The lock is that waiter's, who waits no more: handed over by its owner, or taken. */
void inherit_pass(struct inherit_waiter *waiter);

/** @thread has another priority of its own. */
void inherit_adjust(struct thread *thread);
/* For inherit_end(). */
void inherit_give_up(void);

/** The running thread gives up all that it owns and others wait for. */
static inline void inherit_end(void)
{
	if (unlikely(READ_ONCE(thread_self()->inherit.owned.root)))
		inherit_give_up();
}
