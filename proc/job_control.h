/* SPDX-License-Identifier: BSD-2-Clause */
#pragma once
/*
 * Process groups that somebody looks after. A group is under control while a member has a parent
 * outside the group in the same session, usually a shell; else it is orphaned, and nobody would
 * continue it. PID 1 controls nobody.
 */
#include "proc/process.h"

/**
 * Whether the group is under control.
 *
 * @leaving: a process that is about to end, or NULL: it counts neither as a member nor as a parent.
 * @heir: who gets the children of @leaving.
 * Context: process_lock held.
 */
bool group_has_control_locked(const struct pid *group, const struct process *leaving,
			      const struct process *heir);

/**
 * Groups that only @leaving kept under control and that have stopped members get SIGHUP and
 * SIGCONT. Context: process_lock held; its children have not been given to @heir yet.
 */
void group_release_locked(const struct process *leaving, const struct process *heir);
