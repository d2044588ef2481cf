/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * fork, vfork and clone. Everything that can fail happens before the child is in the tree; from
 * then on it only has to be woken.
 */
#include "kernel/lib/string.h"

#include "fs/context.h"
#include "fs/fd.h"
#include "mm/space/space.h"
#include "mm/usercopy.h"
#include "proc/family.h"
#include "proc/process.h"
#include "proc/signal_internal.h"
#include "proc/task_internal.h"
#include "sec/cred.h"

#define CLONE_SIGNAL_MASK 0xffull
/* Of a thread: what it must share, and with that what clone(2) can ask for in one. */
#define CLONE_OF_THREAD (CLONE_VM | CLONE_FS | CLONE_FILES | CLONE_SIGHAND)
#define CLONE_KNOWN                                                                        \
	(CLONE_SIGNAL_MASK | CLONE_OF_THREAD | CLONE_VFORK | CLONE_PARENT | CLONE_THREAD | \
	 CLONE_SYSVSEM | CLONE_SETTLS | CLONE_PARENT_SETTID | CLONE_CHILD_CLEARTID |       \
	 CLONE_DETACHED | CLONE_UNTRACED | CLONE_CHILD_SETTID | CLONE_IO)

/* What a clone makes, until it is in the tree. */
struct newborn {
	struct process *process; /* new, or the caller's for a thread */
	struct pid *pid;
	struct task *task;
};

static enum err check_request(const struct clone_request *request)
{
	uint64_t flags = request->flags;

	if (flags & ~CLONE_KNOWN)
		return ERR_INVAL;
	if ((flags & CLONE_THREAD) && (flags & CLONE_OF_THREAD) != CLONE_OF_THREAD)
		return ERR_INVAL;
	if ((flags & CLONE_SIGHAND) && !(flags & CLONE_VM))
		return ERR_INVAL;
	if ((flags & CLONE_PARENT) && (process_current()->flags & PROCESS_INIT))
		return ERR_INVAL;
	if ((flags & CLONE_SETTLS) && request->tls >= USER_END)
		return ERR_PERM;
	return (flags & CLONE_SIGNAL_MASK) > SIGNAL_COUNT ? ERR_INVAL : OK;
}

static enum err copy_space(struct process *child, uint64_t flags)
{
	struct process *self = process_current();

	if (!(flags & CLONE_VM))
		return space_fork(self->space, &child->space);
	space_get(self->space);
	child->space = self->space;
	return OK;
}

static enum err copy_files(struct process *child, uint64_t flags)
{
	struct process *self = process_current();

	child->files =
		flags & CLONE_FILES ? file_table_get(self->files) : file_table_clone(self->files);
	child->fs = flags & CLONE_FS ? fs_context_get(self->fs) : fs_context_clone(self->fs);
	return child->files && child->fs && child->handlers ? OK : ERR_NOMEM;
}

static void copy_identity(struct process *child, uint64_t flags)
{
	struct process *self = process_current();

	child->handlers = signal_handlers_inherit(flags & CLONE_SIGHAND);
	child->cred = cred_get(cred_current());
	child->account = account_get(task_current()->account);
	child->executable = self->executable ? file_get(self->executable) : NULL;
	child->strings = self->strings;
	child->flags = self->flags & (PROCESS_NO_NEW_PRIVS | PROCESS_NOT_DUMPABLE | PROCESS_TEST |
				      PROCESS_BARRIER | PROCESS_BARRIER_SYNC | PROCESS_NO_TTY);
	/* A sibling must not send the parent what the caller itself would not. */
	child->exit_signal =
		flags & CLONE_PARENT ? self->exit_signal : (uint32_t)(flags & CLONE_SIGNAL_MASK);
	child->personality = self->personality;
}

static enum err copy_process(const struct clone_request *request, struct process **out)
{
	struct process *child;
	enum err err = process_create(0, &child);

	if (err != OK)
		return err;
	copy_identity(child, request->flags);
	err = copy_files(child, request->flags);
	if (err == OK)
		err = copy_space(child, request->flags);
	if (err != OK) {
		process_destroy(child);
		return err;
	}
	*out = child;
	return OK;
}

static void destroy(struct newborn *child, uint64_t flags)
{
	if (child->task)
		task_destroy(child->task);
	if (child->pid)
		pid_put(child->pid);
	if (!(flags & CLONE_THREAD))
		process_destroy(child->process);
}

static enum err create(const struct clone_request *request, const struct trapframe *frame,
		       struct newborn *child)
{
	enum err err;

	*child = (struct newborn){.process = process_current()};
	if (request->flags & CLONE_THREAD)
		err = pid_create(&child->pid);
	else
		err = copy_process(request, &child->process);
	if (err != OK)
		return err;
	if (!child->pid)
		child->pid = pid_get(child->process->pid);
	err = task_copy(child->process, request, frame, &child->task);
	if (err != OK)
		destroy(child, request->flags);
	return err;
}

static void write_numbers(const struct newborn *child, const struct clone_request *request)
{
	uint32_t number = child->pid->number;

	if (request->flags & CLONE_PARENT_SETTID)
		(void)!put_user_u32(request->parent_tid, number);
	/* The child finds it in its own memory, which nobody runs in yet. */
	if (request->flags & CLONE_CHILD_SETTID)
		(void)!space_write(child->process->space, request->child_tid.raw, &number,
				   sizeof(number));
}

static void add_locked(const struct newborn *child, uint64_t flags)
{
	struct process *self = process_current();
	struct process *parent = flags & CLONE_PARENT && self->parent ? self->parent : self;

	if (!(flags & CLONE_THREAD)) {
		process_link_locked(child->process, parent, self->group, self->session);
		memcpy(child->process->limits, self->limits, sizeof(self->limits));
		cpu_limit_start_locked(child->process);
	}
	process_add_task_locked(child->process, child->task, child->pid);
}

/*
 * Nothing new comes from a caller that was told to end meanwhile; one that was told to stop tries
 * again when it goes on. A sibling's parent may be in any session.
 */
static enum err publish(const struct newborn *child, uint64_t flags)
{
	struct process *self = process_current();
	struct pid *session = family_lock(flags & CLONE_PARENT ? FAMILY_PARENT : FAMILY_OWN);
	enum err err = OK;

	if ((self->flags & PROCESS_EXITING) || self->executor)
		err = ERR_INTR;
	else if (unlikely(signal_stop_is_near_locked(task_current())))
		err = ERR_RESTARTNOINTR;
	else
		add_locked(child, flags);
	family_unlock(session);
	return err;
}

/*
 * The parent of a vfork sleeps until the child has its own memory or is gone; only death ends it.
 * Under the lock, under which the child tells: it has nothing of @wait in its hands afterwards.
 */
static void vfork_sleep(struct vfork_wait *wait, struct task *task)
{
	lglock_lock(&process_lock);
	if (wait_event_lock(&wait->queue, &process_lock, wait->done, TIME_NEVER, WAIT_KILLABLE) !=
	    WAIT_OK)
		task->vfork = NULL;
	lglock_unlock(&process_lock);
}

int64_t process_clone(const struct clone_request *request, const struct trapframe *frame)
{
	struct vfork_wait wait = {.done = false};
	struct newborn child;
	enum err err = check_request(request);

	if (err == OK) {
		if (request->flags & (CLONE_THREAD | CLONE_FILES))
			file_table_share(process_current()->files);
		err = create(request, frame, &child);
	}
	if (err != OK)
		return err;
	int64_t number = child.pid->number;
	write_numbers(&child, request);
	if (request->flags & CLONE_VFORK) {
		wait_queue_init(&wait.queue);
		child.task->vfork = &wait;
	}
	err = publish(&child, request->flags);
	if (err != OK) {
		destroy(&child, request->flags);
		return err;
	}
	thread_inherit(&child.task->thread);
	thread_wake(&child.task->thread);
	pid_put(child.pid);
	if (request->flags & CLONE_VFORK)
		vfork_sleep(&wait, child.task);
	return number;
}
