/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * fork, vfork and clone. Everything that can fail happens before the child is in the tree; from
 * then on it only has to be woken.
 */
#include "kernel/lib/string.h"

#include "fs/context.h"
#include "fs/fd.h"
#include "kernel/x86/fpu.h"
#include "mm/space/space.h"
#include "mm/usercopy.h"
#include "proc/process.h"
#include "proc/task_internal.h"
#include "sec/cred.h"

#define CLONE_SIGNAL_MASK 0xffull
#define CLONE_KNOWN                                                                            \
	(CLONE_SIGNAL_MASK | CLONE_VM | CLONE_FS | CLONE_FILES | CLONE_SIGHAND | CLONE_VFORK | \
	 CLONE_PARENT | CLONE_SETTLS | CLONE_PARENT_SETTID | CLONE_CHILD_CLEARTID |            \
	 CLONE_DETACHED | CLONE_CHILD_SETTID)

/* Threads of one process come with the futex calls: CLONE_THREAD is refused as unknown. */
static enum err check_request(const struct clone_request *request)
{
	uint64_t flags = request->flags;

	if (flags & ~CLONE_KNOWN)
		return ERR_INVAL;
	if ((flags & CLONE_SETTLS) && request->tls >= USER_END)
		return ERR_PERM;
	if ((flags & CLONE_SIGHAND) && !(flags & CLONE_VM))
		return ERR_INVAL;
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
	return child->files && child->fs ? OK : ERR_NOMEM;
}

static void copy_identity(struct process *child, uint64_t flags)
{
	struct process *self = process_current();

	child->handlers = signal_handlers_get(self->handlers);
	child->cred = cred_get(self->cred);
	child->executable = self->executable ? file_get(self->executable) : NULL;
	child->strings = self->strings;
	child->flags = self->flags & (PROCESS_NO_NEW_PRIVS | PROCESS_NOT_DUMPABLE | PROCESS_TEST);
	/* A sibling must not send the parent what the caller itself would not. */
	child->exit_signal =
		flags & CLONE_PARENT ? self->exit_signal : (uint32_t)(flags & CLONE_SIGNAL_MASK);
	child->personality = self->personality;
	memcpy(child->limits, self->limits, sizeof(child->limits));
}

static enum err charge_account(struct process *child)
{
	struct process *self = process_current();
	bool exempt = cred_is_privileged(self->cred);
	enum err err = account_charge_process(
		self->account, exempt ? UINT64_MAX : self->limits[RLIMIT_NPROC].current);

	if (err == OK)
		child->account = account_get(self->account);
	return err;
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
	if (err == OK)
		err = charge_account(child);
	if (err != OK) {
		process_destroy(child);
		return err;
	}
	*out = child;
	return OK;
}

/* The child continues where the parent called, with 0 in RAX. */
static void copy_registers(struct task *child, const struct clone_request *request,
			   const struct trapframe *frame)
{
	struct task *self = task_current();
	struct context *from = &self->thread.context, *to = &child->thread.context;
	struct trapframe *regs = task_frame(child);

	context_sync(from);
	to->fs_base = request->flags & CLONE_SETTLS ? request->tls : from->fs_base;
	to->gs_base = from->gs_base;
	to->ds = from->ds;
	to->es = from->es;
	to->fs = from->fs;
	to->gs = from->gs;
	memcpy(to->fpu, from->fpu, fpu_state_size());
	*regs = *frame;
	regs->rax = 0;
	if (request->stack)
		regs->rsp = request->stack;
}

static struct task *copy_task(struct process *child, const struct clone_request *request,
			      const struct trapframe *frame)
{
	struct task *self = task_current();
	struct task *task = task_create(self->thread.name);

	if (!task)
		return NULL;
	task->blocked = self->blocked;
	/* A hog's children do not begin where it began. */
	task->thread.level = self->thread.level;
	task->thread.slice_ticks = self->thread.slice_ticks;
	task->thread.group = &child->account->share;
	if (!(request->flags & CLONE_VM) || (request->flags & CLONE_VFORK))
		task->altstack = self->altstack;
	if (request->flags & CLONE_CHILD_CLEARTID)
		task->clear_child_tid = request->child_tid;
	task->thread.space = child->space;
	task->thread.context.root = space_root(child->space);
	copy_registers(task, request, frame);
	return task;
}

/* A number that the child finds in its own memory, which nobody runs in yet. */
static void write_child_tid(struct process *child, struct uaddr at)
{
	uint32_t number = child->pid->number;

	(void)!space_write(child->space, at.raw, &number, sizeof(number));
}

static void publish(struct process *child, struct task *task, uint64_t flags)
{
	struct process *self = process_current();

	spin_lock(&process_lock);
	struct process *parent = flags & CLONE_PARENT && self->parent ? self->parent : self;
	process_link_locked(child, parent, self->group, self->session);
	process_add_task_locked(child, task, child->pid);
	spin_unlock(&process_lock);
}

/* The parent of a vfork sleeps until the child has its own memory or is gone; only death ends it.
 */
static void vfork_sleep(struct vfork_wait *wait, struct task *task)
{
	while (wait_event(&wait->queue, READ_ONCE(wait->done), TIME_NEVER, WAIT_KILLABLE) !=
	       WAIT_OK) {
		spin_lock(&process_lock);
		bool done = wait->done;
		if (!done)
			task->vfork = NULL;
		spin_unlock(&process_lock);
		if (!done)
			return;
	}
}

int64_t process_clone(const struct clone_request *request, const struct trapframe *frame)
{
	struct process *child;
	struct vfork_wait wait = {.done = false};
	enum err err = check_request(request);

	if (err == OK)
		err = copy_process(request, &child);
	if (err != OK)
		return err;
	struct task *task = copy_task(child, request, frame);
	if (!task) {
		account_release_process(child->account);
		process_destroy(child);
		return ERR_NOMEM;
	}
	int64_t number = child->pid->number;
	if (request->flags & CLONE_PARENT_SETTID)
		(void)!put_user_u32(request->parent_tid, (uint32_t)number);
	if (request->flags & CLONE_CHILD_SETTID)
		write_child_tid(child, request->child_tid);
	if (request->flags & CLONE_VFORK) {
		wait_queue_init(&wait.queue);
		task->vfork = &wait;
		process_get(child);
	}
	publish(child, task, request->flags);
	thread_wake(&task->thread);
	if (request->flags & CLONE_VFORK) {
		vfork_sleep(&wait, task);
		process_put(child);
	}
	return number;
}
