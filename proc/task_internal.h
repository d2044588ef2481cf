/* SPDX-License-Identifier: BSD-2-Clause */
#pragma once
/* Making and freeing tasks and processes; for proc/ and its selftests. */
#include "proc/process.h"

/**
 * A task without process and number: stack, trapframe (zeroed, user segments and flags forced) and
 * room for vector state (not initialised). NULL without memory.
 */
struct task *task_create(const char *name);
/** Frees a task that never ran, and drops its references. */
void task_destroy(struct task *task);

/**
 * A process in no tree yet, with its number (1 with PROCESS_INIT), one reference for the tree;
 * everything else empty. Return: OK, ERR_NOMEM, ERR_AGAIN.
 */
enum err process_create(uint32_t flags, struct process **out);
/** Frees what process_create and its caller filled in, for a process that was never published. */
void process_destroy(struct process *process);
/** Puts a process into the tree. Context: process_lock held. */
void process_link_locked(struct process *process, struct process *parent, struct pid *group,
			 struct pid *session);
/**
 * Takes a zombie out of the tree. Context: process_lock held; afterwards the caller drops the
 * tree's references by process_unlinked().
 */
void process_unlink_locked(struct process *process);
void process_unlinked(struct process *process);
/** Makes the task the process's thread of that number. Context: process_lock held. */
void process_add_task_locked(struct process *process, struct task *task, struct pid *pid);
