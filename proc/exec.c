/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * execve(2). Until the new image is complete nothing of the caller changes; from then on nothing
 * can fail (P-M10-04).
 */
#include "fs/context.h"
#include "fs/fd.h"
#include "fs/names.h"
#include "mm/space/space.h"
#include "proc/exec_commit.h"
#include "proc/process.h"
#include "proc/script.h"
#include "proc/task_internal.h"
#include "sec/cred.h"

/* Whoever shares the working directory could lead a privileged program astray. */
static bool may_gain_ids(const struct process *self)
{
	return !(self->flags & PROCESS_NO_NEW_PRIVS) && refcount_read(&self->fs->count) == 1;
}

/* The ids the program runs with: set-id bits count unless the process gave up new privileges. */
static enum err choose_cred(const struct file *file, struct cred **out)
{
	struct process *self = process_current();
	const struct inode_ids owner = inode_ids(file->inode);
	struct cred *cred = cred_copy(cred_current());

	if (!cred)
		return ERR_NOMEM;
	if (!may_gain_ids(self)) {
		/* Nor are ids kept that were gained before. */
		if (!cred_can(cred, CAP_SETUID) || (self->flags & PROCESS_NO_NEW_PRIVS)) {
			cred->euid = cred->uid;
			cred->egid = cred->gid;
		}
	} else if (!(file->path.mount->flags & MOUNT_NOSUID)) {
		if (owner.mode & S_ISUID)
			cred->euid = owner.uid;
		if ((owner.mode & (S_ISGID | S_IXGRP)) == (S_ISGID | S_IXGRP))
			cred->egid = owner.gid;
	}
	cred->suid = cred->fsuid = cred->euid;
	cred->sgid = cred->fsgid = cred->egid;
	cred_capabilities_for_exec(cred, may_gain_ids(self));
	*out = cred;
	return OK;
}

/* Descriptors that another process could change under the new program's hands are left to it. */
static enum err own_files(struct process *process, struct file_table **out)
{
	*out = NULL;
	if (handle_table_sole(&process->files->handles))
		return OK;
	*out = file_table_clone(process->files);
	return *out ? OK : ERR_NOMEM;
}

/* A sibling may have shared the directories since a set-id bit was allowed to count. */
static enum err own_places(struct process *process, const struct cred *cred,
			   struct fs_context **out)
{
	const struct cred *old = cred_current();
	bool raised = cred->euid != old->euid || cred->egid != old->egid ||
		      (cred->caps.permitted & ~old->caps.permitted);

	*out = NULL;
	if (!raised || refcount_read(&process->fs->count) == 1)
		return OK;
	*out = fs_context_clone(process->fs);
	return *out ? OK : ERR_NOMEM;
}

/* The last that can fail, when nobody is left who could change what is copied. */
static enum err take_over(struct process *process, struct successor *next)
{
	enum err err = signal_handlers_for_exec(process->handlers, &next->handlers);

	if (err != OK)
		return err;
	err = own_files(process, &next->files);
	if (err != OK)
		goto out_handlers;
	err = own_places(process, next->cred, &next->fs);
	if (err == OK)
		return OK;
	file_table_put(next->files);
out_handlers:
	signal_handlers_put(next->handlers);
	return err;
}

/* A process whose other threads were ended for nothing is not the one that called: P-M10-04. */
static void end_crippled(struct process *process)
{
	lglock_lock(&process_lock);
	process_kill_locked(process, SIGKILL);
	lglock_unlock(&process_lock);
}

static enum err replace_program(struct file *file, const char *name, struct exec_strings *strings,
				struct trapframe *frame)
{
	struct process *process = process_current();
	bool has_threads = READ_ONCE(process->task_count) > 1;
	struct successor next;
	enum err err = choose_cred(file, &next.cred);

	if (err != OK)
		return err;
	next.is_private = ids_differ(next.cred) ||
			  inode_permission(file->inode, cred_current(), MAY_READ) != OK;
	err = exec_image_build(file, name, strings, process, next.cred, ids_differ(next.cred),
			       &next.image);
	if (err != OK)
		goto out_cred;
	err = thread_end_others();
	if (err == OK) {
		err = take_over(process, &next);
		if (err == OK) {
			/* Its first thread may have become another's meanwhile. */
			if (has_threads)
				(void)space_pay_from(next.image.space, &process->account->memory);
			exec_commit(file, name, &next, frame);
			return OK;
		}
		if (has_threads)
			end_crippled(process);
	}
	space_put(next.image.space);
out_cred:
	cred_put(next.cred);
	return err;
}

enum err process_exec(struct file *file, const char *name, struct exec_strings *strings,
		      struct trapframe *frame)
{
	const struct process *self = process_current();
	struct file *program;
	enum err err = script_find_program(file, name, self->fs, cred_current(), strings, &program);

	if (err != OK)
		return err;
	err = replace_program(program, name, strings, frame);
	file_put(program);
	return err;
}
