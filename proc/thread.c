/* SPDX-License-Identifier: BSD-2-Clause */
/* Threads that share a process: leaving it, and one that outlives the others by exec. */
#include "kernel/sched/inherit.h"
#include "mm/space/space.h"
#include "proc/family.h"
#include "proc/signal_internal.h"
#include "proc/tally.h"
#include "proc/task_internal.h"

void task_interrupt_others_locked(struct process *process, const struct task *but)
{
	list_for_each(node, &process->tasks)
	{
		struct task *task = list_entry(node, struct task, link);

		if (task != but)
			thread_interrupt(&task->thread, THREAD_KILLED);
	}
}

void task_unlink_locked(struct task *task)
{
	struct process *process = task->process;

	struct usage used;

	usage_of_thread(&task->thread, &used);
	usage_add(&process->used_dead, &used);
	list_remove(&task->link);
	rttime_stop_locked(task);
	if (unlikely(task->thread.deadline))
		thread_deadline_end();
	tally_add(TALLY_TASKS, -1);
	task->pid->task = NULL;
	/* Nobody finds it from here on to wait for it. */
	inherit_end();
	task_leaves(task);
	signal_queue_flush(process, &task->pending);
}

bool task_leave(struct task *task, int32_t status)
{
	struct process *process = task->process;

	/* Its status stands, and nobody else counts or is counted. */
	if (likely(process->task_count == 1 && process->flags & PROCESS_EXITING)) {
		process->task_count = 0;
		return false;
	}
	struct pid *session = family_lock(FAMILY_OWN);
	/* Others may stop because of it, which their parent is told. */
	if (process->task_count > 1)
		session = family_widen(session);
	bool last = --process->task_count == 0;
	/* It has ended as it wanted: whoever kills it now comes too late. */
	if (last && !(process->flags & PROCESS_EXITING)) {
		process->flags |= PROCESS_EXITING;
		process->exit_status = status;
	}
	if (!last) {
		task_unlink_locked(task);
		signal_task_gone_locked(process);
		if (process->executor)
			wait_wake_all(&process->child_wait);
	}
	family_unlock(session);
	return !last;
}

/* Waits until the running thread is the only one. */
static enum err outlive_others(struct process *process, struct task *task)
{
	enum wait_result result = WAIT_INTR;

	lglock_lock(&process_lock);
	if (!process->executor && !(process->flags & PROCESS_EXITING)) {
		process->executor = task;
		task_interrupt_others_locked(process, task);
		result = wait_event_lock(&process->child_wait, &process_lock,
					 process->task_count == 1, TIME_NEVER, WAIT_KILLABLE);
		process->executor = NULL;
	}
	lglock_unlock(&process_lock);
	return result == WAIT_OK ? OK : ERR_INTR;
}

/* The process keeps its number: whoever is left takes it. */
static void take_number(struct process *process, struct task *task)
{
	struct pid *own = task->pid;

	lglock_lock(&process_lock);
	own->task = NULL;
	task->pid = pid_get(process->pid);
	process->pid->task = task;
	lglock_unlock(&process_lock);
	pid_put(own);
}

enum err thread_end_others(void)
{
	struct task *task = task_current();
	struct process *process = task->process;
	enum err err = OK;

	/* Nobody but the running thread could add one. */
	if (READ_ONCE(process->task_count) != 1)
		err = outlive_others(process, task);
	if (err == OK && !task_is_first(task))
		take_number(process, task);
	return err;
}

uint64_t process_cpu_ns(struct process *process)
{
	uint64_t ns;

	lglock_lock(&process_lock);
	ns = process_cpu_ns_locked(process);
	lglock_unlock(&process_lock);
	return ns;
}
