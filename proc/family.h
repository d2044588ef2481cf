/* SPDX-License-Identifier: BSD-2-Clause */
#pragma once
/*
 * fork, exit and wait seldom reach out of one session. Then they hold process_lock locally and the
 * session's lock, so that those of other sessions do not wait for them, nor share a cache line with
 * them. No process changes its parent, session or group meanwhile, and none of the session's leaves
 * the tree; "process_lock held" means for what the session's processes have that this is held.
 */
#include "proc/process.h"

enum family_reach {
	FAMILY_OWN,    /* the running process, its group and session */
	FAMILY_PARENT, /* and its parent */
};

/** Take process_lock. Return: NULL, for family_unlock(). */
struct pid *family_lock_all(void);
void family_unlock_all(void);
/** Give what family_lock() took back first. What was seen is to be looked at again. */
struct pid *family_widen(struct pid *session);

/**
 * Take what guards the running process as far as @reach: the lock of its session where that is
 * enough, else process_lock. Return: the session, or NULL: process_lock is held.
 */
static inline struct pid *family_lock(enum family_reach reach)
{
	const struct process *self = process_current();

	if (unlikely(!lglock_try_local(&process_lock)))
		return family_lock_all();
	struct pid *session = self->session;

	if (reach == FAMILY_PARENT && unlikely(!self->parent || self->parent->session != session)) {
		lglock_leave();
		return family_lock_all();
	}
	spin_lock(&session->lock);
	return session;
}

/** @session is what family_lock() returned. */
static inline void family_unlock(struct pid *session)
{
	if (unlikely(!session)) {
		family_unlock_all();
		return;
	}
	spin_unlock(&session->lock);
	lglock_leave();
}
