/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The end of a task and of its process. What the process held goes first, while it still may sleep;
 * then it becomes a zombie and leaves the CPU for ever in one step. Its stack and structure are
 * freed by whoever runs next (proc/task.c), the rest of the process by the parent's wait.
 */
#include "kernel/lib/bits.h"

#include "drv/tty/tty.h"
#include "fs/context.h"
#include "fs/fd.h"
#include "kernel/core/log.h"
#include "kernel/core/power.h"
#include "mm/space/space.h"
#include "proc/family.h"
#include "proc/heir.h"
#include "proc/job_control.h"
#include "proc/task_internal.h"

void task_vfork_done(struct task *task)
{
	if (!READ_ONCE(task->vfork))
		return;
	lglock_lock(&process_lock);
	struct vfork_wait *wait = task->vfork;
	task->vfork = NULL;
	if (wait) {
		wait->done = true;
		wait_wake_all(&wait->queue);
	}
	lglock_unlock(&process_lock);
}

/* Everything that only this process used, in the order in which others may depend on it. */
static void give_back(struct process *process)
{
	struct space *space = process->space;
	struct file_table *files = process->files;
	struct fs_context *fs = process->fs;
	struct file *executable = process->executable;

	/* Whoever looks in from outside counts them under the lock. */
	struct pid *session = family_lock(FAMILY_OWN);
	deferred_timer_stop_locked(&process->intervals.real);
	cpu_timers_stop_locked(process);
	process->space = NULL;
	process->files = NULL;
	process->fs = NULL;
	process->executable = NULL;
	if (space)
		process->used_dead.max_pages = MAX(process->used_dead.max_pages, space_peak(space));
	family_unlock(session);
	if (space)
		space_put(space);
	if (files)
		file_table_put(files);
	if (fs)
		fs_context_put(fs);
	if (executable)
		file_put(executable);
}

/* prctl(PR_SET_PDEATHSIG): as if the dying parent had sent it, with a parent's rights. */
static void tell_of_death_locked(const struct process *parent, struct process *child)
{
	struct signal_info info = {
		.signo = (int32_t)child->death_signal,
		.code = SI_USER,
		.by.pid = parent->pid->number,
		.by.uid = parent->cred->uid,
	};

	if (info.signo && child->state == PROCESS_LIVE &&
	    signal_allowed(child, (unsigned)info.signo))
		signal_send_process_locked(child, &info);
}

/* A parent that ignores SIGCHLD, or has none, never waits: the process leaves the tree at once. */
static bool reaps_itself_locked(const struct process *process)
{
	const struct process *parent = process->parent;

	if (!parent)
		return !(process->flags & PROCESS_KERNEL_WAITS);
	return process->exit_signal == SIGCHLD &&
	       ((parent->handlers->ignored & signal_bit(SIGCHLD)) ||
		(parent->handlers->action[SIGCHLD - 1].flags & SA_NOCLDWAIT));
}

/* Takes a zombie out of the tree that nobody will wait for; drop_reaped() follows. */
static void reap_child_locked(struct process *child, struct process *heir, struct list_node *reaped)
{
	process_unlink_locked(child);
	list_add_tail(reaped, &child->sibling);
	if (heir)
		wait_wake_all(&heir->child_wait);
}

static void drop_reaped(struct list_node *reaped)
{
	while (!list_empty(reaped)) {
		struct process *child = list_first(reaped, struct process, sibling);

		list_remove(&child->sibling);
		process_unlinked(child);
	}
}

static void give_child_away_locked(struct process *child, struct process *heir,
				   struct list_node *reaped)
{
	process_set_parent_locked(child, heir);
	child->exit_signal = SIGCHLD;
	list_remove(&child->sibling);
	list_remove(&child->stop.news_link);
	if (child->state == PROCESS_ZOMBIE && reaps_itself_locked(child)) {
		reap_child_locked(child, heir, reaped);
		return;
	}
	if (!heir)
		return;
	if (child->stop.news)
		list_add_tail(&heir->news, &child->stop.news_link);
	if (child->state == PROCESS_ZOMBIE) {
		list_add_tail(&heir->zombies, &child->sibling);
		process_notify_parent_locked(child);
	} else {
		list_add_tail(&heir->children, &child->sibling);
	}
}

static void give_children_away_locked(struct process *process, struct list_node *reaped)
{
	struct process *heir = NULL;

	if (!list_empty(&process->children) || !list_empty(&process->zombies))
		heir = heir_of_locked(process);
	group_release_locked(process, heir);
	while (!list_empty(&process->children)) {
		struct process *child = list_first(&process->children, struct process, sibling);

		tell_of_death_locked(process, child);
		give_child_away_locked(child, heir, reaped);
	}
	while (!list_empty(&process->zombies))
		give_child_away_locked(list_first(&process->zombies, struct process, sibling), heir,
				       reaped);
}

void process_notify_parent_locked(struct process *process)
{
	ASSERT(process_held(process->parent));
	if (process->exit_signal)
		signal_child_locked(process, process->exit_signal, process->exit_status);
	wait_wake_all(&process->parent->child_wait);
}

/*
 * Nobody of another session is told of its end, nor gets a child of it; and no CPU's sum of budgets
 * changes, which is process_lock's.
 */
static bool ends_in_family(const struct process *process, const struct task *task)
{
	return !task->thread.deadline &&
	       (process->exit_signal == SIGCHLD || !process->exit_signal) &&
	       list_empty(&process->children) && list_empty(&process->zombies) &&
	       !process->group->stopped;
}

/* True when the process left the tree and the tree's references must be dropped. */
static bool become_zombie(struct process *process, struct task *task)
{
	struct list_node orphans = LIST_INIT(orphans);
	struct pid *session = family_lock(FAMILY_PARENT);

	if (unlikely(!ends_in_family(process, task)))
		session = family_widen(session);
	process->state = PROCESS_ZOMBIE;
	process->last_cpu = cpu_id();
	task_unlink_locked(task);
	give_children_away_locked(process, &orphans);
	signal_stop_end_locked(process);
	signal_queue_flush(process, &process->pending);
	bool reaped = reaps_itself_locked(process);
	struct process *parent = process->parent;
	if (reaped) {
		process_unlink_locked(process);
		if (parent)
			wait_wake_all(&parent->child_wait);
	} else if (parent) {
		list_remove(&process->sibling);
		list_add_tail(&parent->zombies, &process->sibling);
		process_notify_parent_locked(process);
	} else {
		wait_wake_all(&process->child_wait);
	}
	family_unlock(session);
	drop_reaped(&orphans);
	return reaped;
}

static void end_of_init(int32_t status)
{
	if (status & 0x7f)
		log_err("init", "PID 1 was killed by signal %d: power off", status & 0x7f);
	else
		log_err("init", "PID 1 exited with status %d: power off", status >> 8 & 0xff);
	power_off();
}

void process_exit_group(int32_t status)
{
	struct task *task = task_current();
	struct process *process = task->process;
	struct pid *session = family_lock(FAMILY_OWN);

	bool alone = process->executor && process->executor != task;
	if (!alone && !(process->flags & PROCESS_EXITING)) {
		process->flags |= PROCESS_EXITING;
		process->exit_status = status;
		task_interrupt_others_locked(process, task);
	}
	family_unlock(session);
	task_exit(status);
}

/* Everything of the process, by its last thread. */
static void end_process(struct process *process, struct task *task)
{
	if (process->flags & PROCESS_INIT)
		end_of_init(process->exit_status);
	posix_timers_delete_all(process);
	if (process->session == process->pid)
		tty_session_end(process->pid);
	give_back(process);
	task_uncount(task);
	if (become_zombie(process, task))
		process_unlinked(process);
}

void task_exit(int32_t status)
{
	struct task *task = task_current();
	struct process *process = task->process;

	task->thread.is_leaving = true;
	task_release_user(task);
	/* Those that are left may replace the memory once this one has left. */
	space_activate(NULL);
	task_vfork_done(task);
	if (!task_leave(task, status))
		end_process(process, task);
	task_uncount(task);
	task_reap_dead();
	thread_exit_switch();
}

void process_kill_locked(struct process *process, int32_t status)
{
	if (process->state != PROCESS_LIVE)
		return;
	if (!(process->flags & PROCESS_EXITING)) {
		process->flags |= PROCESS_EXITING;
		process->exit_status = status;
	}
	task_interrupt_others_locked(process, NULL);
}
