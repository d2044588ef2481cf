/* SPDX-License-Identifier: BSD-2-Clause */
/* The step of execve(2) from which there is no way back. */
#include "proc/exec_commit.h"

#include "kernel/lib/bits.h"
#include "kernel/lib/string.h"

#include "fs/context.h"
#include "fs/fd.h"
#include "kernel/x86/fpu.h"
#include "kernel/x86/switch.h"
#include "mm/space/space.h"
#include "proc/task_internal.h"

static void reset_task(struct task *task, const char *name)
{
	const char *slash = strrchr(name, '/');

	strlcpy(task->thread.name, slash ? slash + 1 : name, sizeof(task->thread.name));
	task->altstack = (struct signal_stack){.flags = SS_DISABLE};
	context_reset_user(&task->thread.context);
	fpu_init_state(task->thread.context.fpu);
	fpu_restore(task->thread.context.fpu);
}

/* What the old program had, given back when the new one has everything. */
struct left_over {
	struct space *space;
	struct file_table *files;
	struct fs_context *fs;
	struct signal_handlers *handlers;
	const struct cred *cred, *shown;
	struct file *executable;
};

/* Signals that clone asked for were meant for the programs of before, not for what they became. */
static void reset_exit_signals_locked(struct process *process)
{
	process->exit_signal = SIGCHLD;
	list_for_each(node, &process->children) list_entry(node, struct process, sibling)
		->exit_signal = SIGCHLD;
}

/* Who the process is, its memory and what others may know of it change in one step: procfs. */
static void replace_locked(struct task *task, struct file *file, const struct successor *next,
			   struct left_over *old)
{
	struct process *process = task->process;

	*old = (struct left_over){process->space, process->files,  process->fs,
				  process->handlers, task->cred, process->cred,
				  process->executable};
	process->used_dead.max_pages =
		MAX(process->used_dead.max_pages, space_peak(process->space));
	process->space = next->image.space;
	rlimit_apply(process->limits, process->space);
	process->files = next->files ? next->files : old->files;
	process->fs = next->fs ? next->fs : old->fs;
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
}

static void drop_left_over(const struct process *process, const struct left_over *old)
{
	space_put(old->space);
	signal_handlers_put(old->handlers);
	cred_put(old->cred);
	cred_put(old->shown);
	if (old->executable)
		file_put(old->executable);
	if (old->fs != process->fs)
		fs_context_put(old->fs);
	if (old->files != process->files)
		file_table_put(old->files);
}

/* The point of no return: everything here succeeds. */
void exec_commit(struct file *file, const char *name, const struct successor *next,
		 struct trapframe *frame)
{
	struct task *task = task_current();
	struct process *process = task->process;
	struct left_over old;

	task_release_user(task);
	posix_timers_delete_all(process);
	lglock_lock(&process_lock);
	replace_locked(task, file, next, &old);
	lglock_unlock(&process_lock);
	space_activate(process->space);
	drop_left_over(process, &old);
	fd_close_on_exec(process->files);
	reset_task(task, name);
	task_vfork_done(task);
	*frame = (struct trapframe){
		.vector = TRAP_SYSCALL, .rip = next->image.entry, .rsp = next->image.sp};
	trapframe_force_user(frame);
}
