/* SPDX-License-Identifier: BSD-2-Clause */
#include "proc/procfs_snapshot.h"

#include "kernel/lib/bits.h"
#include "kernel/lib/string.h"

#include "fs/context.h"
#include "fs/fd.h"
#include "sec/cred.h"

static char state_of_thread(const struct task *task)
{
	if (task->parked)
		return 'T';
	return task->thread.state == THREAD_RUNNABLE ? 'R' : 'S';
}

/* The first thread may leave before the others: as on Linux it is a zombie then, and counts. */
static bool first_has_left(const struct process *process)
{
	return !process->pid->task;
}

/* Of a process as a whole: it runs while one of its threads does. */
static char state_of_process(const struct process *process)
{
	char state = 'S';

	if (process->state != PROCESS_LIVE || first_has_left(process))
		return 'Z';
	if (process->stop.complete)
		return 'T';
	list_for_each(node, &process->tasks)
	{
		if (list_entry(node, struct task, link)->thread.state == THREAD_RUNNABLE)
			state = 'R';
	}
	return state;
}

static void read_thread_locked(const struct task *task, struct procfs_snapshot *out)
{
	memcpy(out->name, task->thread.name, sizeof(out->name));
	out->name[sizeof(out->name) - 1] = '\0';
	out->blocked = task->blocked;
	out->nice = (int32_t)task->priority.nice; /* NOLINT: signed, as it is meant */
	out->cpu = READ_ONCE(task->thread.cpu);
	out->pending = task->pending.mask;
	out->cred = cred_get(task->cred);
	out->signals = task->account ? READ_ONCE(task->account->signals) : 0;
}

static void read_process_locked(struct process *process, struct procfs_snapshot *out)
{
	out->process = out->number = process->pid->number;
	out->state = state_of_process(process);
	out->parent = process->parent ? process->parent->pid->number : 0;
	if (process->state != PROCESS_REAPED) {
		out->group = process->group->number;
		out->session = process->session->number;
	}
	out->threads = process->task_count + first_has_left(process);
	out->flags = process->flags;
	out->exit_signal = process->exit_signal;
	process_usage_locked(process, &out->usage);
	out->children = process->used_children;
	out->start_ns = process->start_ns;
	out->pending_of_process = process->pending.mask;
	if (process->state == PROCESS_LIVE && process->handlers) {
		out->ignored = process->handlers->ignored;
		out->caught = process->handlers->handled;
	}
	out->signals_max = process->limits[RLIMIT_SIGPENDING].current;
}

/* The thread that is asked about, the first one, or NULL where there is none any more. */
static struct task *find_task_locked(const struct process *process,
				     const struct procfs_subject *subject)
{
	struct pid *pid;

	if (!subject->index)
		return list_empty(&process->tasks) ? NULL
						   : list_first(&process->tasks, struct task, link);
	pid = pid_find(subject->index);
	return pid && pid->task && pid->task->process == process ? pid->task : NULL;
}

/* Return: the session, counted, or NULL. */
static struct pid *read_all(struct process *process, const struct procfs_subject *subject,
			    struct procfs_snapshot *out, enum err *err)
{
	struct pid *session = NULL;
	const struct task *task;

	lglock_lock(&process_lock);
	task = find_task_locked(process, subject);
	*err = !task && subject->index ? ERR_SRCH : OK;
	read_process_locked(process, out);
	if (task)
		read_thread_locked(task, out);
	else
		out->cred = cred_get(process->cred ? process->cred : cred_root());
	if (task && subject->index) {
		out->number = subject->index;
		out->state = state_of_thread(task);
		usage_of_thread(&task->thread, &out->usage);
	}
	if (process->state != PROCESS_REAPED)
		session = pid_get(process->session);
	lglock_unlock(&process_lock);
	return session;
}

static void read_parts(struct process *process, struct procfs_snapshot *out)
{
	struct file_table *files;
	struct space *space;

	lglock_lock(&process_lock);
	space = procfs_space_locked(process);
	files = procfs_files_locked(process);
	if (process->fs)
		out->umask = READ_ONCE(process->fs->umask);
	lglock_unlock(&process_lock);
	if (space) {
		space_stats(space, &out->memory);
		space_put(space);
	}
	if (files) {
		out->descriptors = handle_capacity(&files->handles);
		file_table_put(files);
	}
}

enum err procfs_snapshot_take(const struct procfs_subject *subject, struct procfs_snapshot *out)
{
	struct process *process = procfs_process(subject);
	struct pid *session;
	enum err err;

	if (!process)
		return ERR_SRCH;
	*out = (struct procfs_snapshot){};
	session = read_all(process, subject, out, &err);
	if (session) {
		if (!tty_of_session(session, &out->tty) || out->flags & PROCESS_NO_TTY)
			out->tty = (struct tty_name){};
		pid_put(session);
	}
	read_parts(process, out);
	process_put(process);
	if (err != OK)
		procfs_snapshot_drop(out);
	return err;
}

void procfs_snapshot_drop(struct procfs_snapshot *snapshot)
{
	cred_put(snapshot->cred);
}
