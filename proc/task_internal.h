/* SPDX-License-Identifier: BSD-2-Clause */
#pragma once
/* Making and freeing tasks and processes; for proc/ and its selftests. */
#include "proc/process.h"

/**
 * A task without process and number: stack, trapframe (zeroed, user segments and flags forced) and
 * room for vector state (not initialised). NULL without memory.
 */
struct task *task_create(const char *name);
/**
 * Count the new @task on @account and let it use that user's share of the CPU.
 * Context: before anybody else knows it. Return: OK; ERR_AGAIN when there are @limit.
 */
enum err task_join_account(struct task *task, struct user_account *account, uint64_t limit);
/** Its account counts the task no more. */
void task_uncount(struct task *task);
/**
 * A task for @process like the running one, as @request asks, in no process yet; @frame is where
 * it starts. Return: OK, ERR_NOMEM, ERR_AGAIN (RLIMIT_NPROC).
 */
enum err task_copy(struct process *process, const struct clone_request *request,
		   const struct trapframe *frame, struct task **out);
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
/** What the ending of a thread, or of its program, does to its memory. Context: may fault. */
void task_release_user(struct task *task);
/** Tells every thread of @process to end, but one (or NULL). Context: process_lock held. */
void task_interrupt_others_locked(struct process *process, const struct task *but);
/** The running task is out of its process: thread_reap() follows. */
void task_leaves(struct task *task);
/** Takes an ending task out of its process. Context: process_lock held. */
void task_unlink_locked(struct task *task);
/**
 * The running thread ends with @status and needs nothing of its process any more. True when others
 * are left: it is unlinked; otherwise the process is to end by its hand.
 */
bool task_leave(struct task *task, int32_t status);
/** Makes the task the process's thread of that number. Context: process_lock held. */
void process_add_task_locked(struct process *process, struct task *task, struct pid *pid);
