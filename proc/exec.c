/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * execve(2). Until the new image is complete nothing of the caller changes; from then on nothing
 * can fail (P-M10-04).
 */
#include "kernel/lib/bits.h"
#include "kernel/lib/string.h"

#include "fs/context.h"
#include "fs/fd.h"
#include "fs/names.h"
#include "kernel/x86/fpu.h"
#include "kernel/x86/switch.h"
#include "mm/space/space.h"
#include "proc/exec_image.h"
#include "proc/process.h"
#include "proc/script.h"
#include "proc/task_internal.h"
#include "sec/cred.h"

/* Everything that the new program gets, made before anything of the old one is given up. */
struct successor {
	struct exec_image image;
	struct signal_handlers *handlers;
	struct file_table *files; /* NULL: nobody shares the old one, it stays */
	struct cred *cred;
	bool is_private; /* others of its user may not look inside */
};

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

static bool ids_differ(const struct cred *cred)
{
	return cred->uid != cred->euid || cred->gid != cred->egid;
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

static void reset_task(struct task *task, const char *name)
{
	const char *slash = strrchr(name, '/');

	strlcpy(task->thread.name, slash ? slash + 1 : name, sizeof(task->thread.name));
	task->altstack = (struct signal_stack){.flags = SS_DISABLE};
	context_reset_user(&task->thread.context);
	fpu_init_state(task->thread.context.fpu);
	fpu_restore(task->thread.context.fpu);
}

static void replace_space(struct process *process, struct space *space)
{
	struct space *old = process->space;

	spin_lock(&process_lock);
	process->space = space;
	spin_unlock(&process_lock);
	process->used_dead.max_pages = MAX(process->used_dead.max_pages, space_peak(old));
	space_activate(space);
	space_put(old);
}

static void replace_files(struct process *process, struct file_table *files)
{
	struct file_table *old = process->files;

	if (files) {
		spin_lock(&process_lock);
		process->files = files;
		spin_unlock(&process_lock);
		file_table_put(old);
	}
	fd_close_on_exec(process->files);
}

/* Signals that clone asked for were meant for the programs of before, not for what they became. */
static void reset_exit_signals_locked(struct process *process)
{
	process->exit_signal = SIGCHLD;
	list_for_each(node, &process->children) list_entry(node, struct process, sibling)
		->exit_signal = SIGCHLD;
}

/* The point of no return: everything here succeeds. */
static void commit(struct file *file, const char *name, const struct successor *next,
		   struct trapframe *frame)
{
	struct task *task = task_current();
	struct process *process = task->process;
	struct signal_handlers *old_handlers = process->handlers;
	const struct cred *old_cred = task->cred, *old_shown = process->cred;
	struct file *old_file = process->executable;

	task_release_user(task);
	posix_timers_delete_all(process);
	replace_space(process, next->image.space);
	spin_lock(&process_lock);
	process->handlers = next->handlers;
	task->cred = next->cred;
	process->cred = cred_get(next->cred);
	process->executable = file_get(file);
	process->strings = next->image.strings;
	process->flags &=
		~(uint32_t)(PROCESS_NOT_DUMPABLE | PROCESS_BARRIER | PROCESS_BARRIER_SYNC);
	process->flags |= PROCESS_EXECED | (next->is_private ? PROCESS_NOT_DUMPABLE : 0);
	if (ids_differ(next->cred))
		process->death_signal = 0;
	reset_exit_signals_locked(process);
	spin_unlock(&process_lock);
	signal_handlers_put(old_handlers);
	cred_put(old_cred);
	cred_put(old_shown);
	if (old_file)
		file_put(old_file);
	replace_files(process, next->files);
	reset_task(task, name);
	task_vfork_done(task);
	*frame = (struct trapframe){
		.vector = TRAP_SYSCALL, .rip = next->image.entry, .rsp = next->image.sp};
	trapframe_force_user(frame);
}

/* The last that can fail, when nobody is left who could change what is copied. */
static enum err take_over(struct process *process, struct successor *next)
{
	enum err err = signal_handlers_for_exec(process->handlers, &next->handlers);

	if (err != OK)
		return err;
	err = own_files(process, &next->files);
	if (err != OK)
		signal_handlers_put(next->handlers);
	return err;
}

/* A process whose other threads were ended for nothing is not the one that called: P-M10-04. */
static void end_crippled(struct process *process)
{
	spin_lock(&process_lock);
	process_kill_locked(process, SIGKILL);
	spin_unlock(&process_lock);
}

static enum err replace_program(struct file *file, const char *name, struct exec_strings *strings,
				struct trapframe *frame)
{
	struct process *process = process_current();
	bool has_threads = process->task_count > 1;
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
			commit(file, name, &next, frame);
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
