/* SPDX-License-Identifier: BSD-2-Clause */
/* What a new thread takes from the one that makes it, in the same process or in a new one. */
#include "kernel/lib/string.h"

#include "kernel/x86/fpu.h"
#include "mm/space/space.h"
#include "proc/task_internal.h"
#include "sec/cred.h"

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

static enum err join_account(struct task *task)
{
	const struct task *self = task_current();
	bool exempt = cred_can(self->cred, CAP_SYS_RESOURCE);

	return task_join_account(task, self->account,
				 exempt ? UINT64_MAX : self->process->limits[RLIMIT_NPROC].current);
}

static enum err copy_state(struct task *task, const struct clone_request *request)
{
	const struct task *self = task_current();

	task->blocked = self->blocked;
	if (!(request->flags & CLONE_VM) || (request->flags & CLONE_VFORK))
		task->altstack = self->altstack;
	if (request->flags & CLONE_CHILD_CLEARTID)
		task->clear_child_tid = request->child_tid;
	return priority_inherit(task);
}

enum err task_copy(struct process *process, const struct clone_request *request,
		   const struct trapframe *frame, struct task **out)
{
	const struct task *self = task_current();
	struct task *task = task_create(self->thread.name);

	if (!task)
		return ERR_NOMEM;
	task->cred = cred_get(self->cred);
	task->cred_is_parents = process != self->process;
	enum err err = join_account(task);
	if (err == OK)
		err = copy_state(task, request);
	if (err != OK) {
		task_destroy(task);
		return err;
	}
	task->thread.space = process->space;
	task->thread.context.root = space_root(process->space);
	copy_registers(task, request, frame);
	*out = task;
	return OK;
}
