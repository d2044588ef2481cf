/* SPDX-License-Identifier: BSD-2-Clause */
#pragma once
/*
 * Process numbers. A struct pid is a number that is in use: by a thread, as the name of a process
 * group or of a session. It is counted, and its number is given out again only after the last
 * holder let go, so a stale holder never reaches a successor (P-M8-04).
 */
#include "kernel/lib/errors.h"
#include "kernel/lib/list.h"
#include "kernel/lib/refcount.h"
#include "kernel/lib/types.h"

#include "drv/tty_hooks.h"
#include "kernel/core/spinlock.h"

#define PID_MAX 32768u /* numbers run from 1 to PID_MAX - 1, as on Linux */

struct task;
struct process;

struct pid {
	uint32_t number;
	struct refcount count;
	struct spinlock lock; /* of the session: proc/family.h */
	/* Under process_lock: */
	struct task *task;           /* the thread of this number until it is gone */
	struct process *process;     /* the process of this number until it is reaped */
	uint32_t stopped;            /* members of the group that are stopped */
	struct list_node group;      /* process->group_link of the group's members */
	struct list_node session;    /* process->session_link of the session's members */
	struct tty_session terminal; /* of the session; drv/tty's */
};

/**
 * Take the next free number. Context: may allocate.
 * Return: OK, ERR_NOMEM, ERR_AGAIN (all used).
 */
enum err pid_create(struct pid **out) __must_check;

/** Number 1, for the first process: once. */
enum err pid_create_first(struct pid **out) __must_check;

/**
 * The holder of @number, or NULL; no reference is taken, it lasts as long as the lock is held. One
 * that nobody else is known to hold must not be counted: its last reference may be on its way out.
 * Context: process_lock held.
 */
struct pid *pid_find(uint32_t number);

/** The holder of the first number at or above @from that has one, likewise. */
struct pid *pid_next(uint32_t from);

/**
 * The process of that number if it is @parent's child, else NULL. Context: process_lock or the lock
 * of @parent's session held.
 */
struct process *pid_find_child(uint32_t number, const struct process *parent);

/* The process of that number is in the tree, or out of it. Context: likewise. */
void pid_set_process(struct pid *pid, struct process *process);

static inline struct pid *pid_get(struct pid *pid)
{
	refcount_get(&pid->count);
	return pid;
}

/** Drop a reference; the last one frees the number. Context: process_lock not held. */
void pid_put(struct pid *pid);

/** Begin at 1 again: the selftests' processes are gone and PID 1 is next. Context: boot. */
void pid_restart(void);

/** The number that was given out last. Context: any; a snapshot. */
uint32_t pid_last(void);

/** How many numbers are in use (for the state digest). */
uint32_t pid_count(void);
