/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Stopping and continuing whole processes. When a thread takes a stop signal, every thread of its
 * process parks before it would return to ring 3, and the last one tells the parent. SIGCONT lets
 * them go on in the moment it is sent, whatever is blocked or ignored.
 */
#include "proc/job_control.h"
#include "proc/signal_internal.h"

#define STATUS_CONTINUED   0xffff
#define STATUS_STOPPED(no) ((int32_t)((no) << 8 | 0x7f))

static void tell_parent_locked(struct process *process, int32_t status)
{
	struct process *parent = process->parent;

	if (!parent)
		return;
	process->stop.news = status;
	if (list_empty(&process->stop.news_link))
		list_add_tail(&parent->news, &process->stop.news_link);
	if (!(parent->handlers->action[SIGCHLD - 1].flags & SA_NOCLDSTOP))
		signal_child_locked(process, SIGCHLD, status);
	wait_wake_all(&parent->child_wait);
}

void signal_stop_forget_news_locked(struct process *process)
{
	process->stop.news = 0;
	list_remove(&process->stop.news_link);
}

static void set_complete_locked(struct process *process, bool complete)
{
	if (process->stop.complete == complete)
		return;
	process->stop.complete = complete;
	process->group->stopped += complete ? 1 : -1u;
}

/* Threads that have ended are not waited for. */
void signal_stop_check_locked(struct process *process)
{
	struct process_stop *stop = &process->stop;

	if (!stop->signal || stop->complete || stop->parked != process->task_count)
		return;
	set_complete_locked(process, true);
	tell_parent_locked(process, STATUS_STOPPED(stop->signal));
}

bool signal_stop_begin_locked(struct process *process, unsigned number)
{
	if (process->handlers->action[number - 1].handler != SIG_DFL)
		return false;
	if ((process->flags & (PROCESS_INIT | PROCESS_EXITING)) || process->stop.signal ||
	    (number != SIGSTOP && !group_has_control_locked(process->group, NULL, NULL)))
		return true;
	process->stop.signal = number;
	list_for_each(node, &process->tasks)
		thread_interrupt(&list_entry(node, struct task, link)->thread, THREAD_SIGNAL);
	return true;
}

bool signal_stop_is_near_locked(const struct task *task)
{
	const struct signal_handlers *handlers = task->process->handlers;

	return task->process->stop.signal ||
	       (signal_pending_mask(task) & SIGNALS_STOP &
		~(task->blocked | handlers->handled | handlers->ignored));
}

void signal_stop_park_locked(struct task *task)
{
	struct process_stop *stop = &task->process->stop;

	while (unlikely(stop->signal)) {
		task->parked = true;
		stop->parked++;
		signal_stop_check_locked(task->process);
		(void)wait_event_lock(&stop->queue, &process_lock, !task->parked, TIME_NEVER,
				      WAIT_KILLABLE);
		if (!task->parked)
			continue;
		/* It was killed. */
		task->parked = false;
		stop->parked--;
		return;
	}
}

/* Context: process_lock. */
static void run_again_locked(struct process *process)
{
	process->stop.signal = 0;
	process->stop.parked = 0;
	set_complete_locked(process, false);
	list_for_each(node, &process->tasks) list_entry(node, struct task, link)->parked = false;
	wait_wake_all(&process->stop.queue);
}

void signal_continue_locked(struct process *process)
{
	if (!process->stop.signal)
		return;
	run_again_locked(process);
	tell_parent_locked(process, STATUS_CONTINUED);
}

void signal_stop_end_locked(struct process *process)
{
	process->stop.signal = 0;
	set_complete_locked(process, false);
	signal_stop_forget_news_locked(process);
}
