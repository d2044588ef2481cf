/* SPDX-License-Identifier: BSD-2-Clause */
/* Sending: who may, to whom, and which thread is interrupted for it. */
#include "kernel/core/audit.h"
#include "proc/signal_internal.h"
#include "sec/cred.h"

/*
 * What is stopped ends when it goes on, except by SIGKILL. @waits: the signals that the thread
 * blocks or waits for; it changes them meanwhile, so they are read once for all that is asked.
 */
enum signal_fate signal_fate(const struct process *process, uint64_t waits, uint64_t bit)
{
	const struct signal_handlers *handlers = process->handlers;

	if (waits & bit)
		return SIGNAL_PENDS;
	if (handlers->ignored & bit)
		return SIGNAL_DROPPED;
	if (handlers->handled & bit)
		return SIGNAL_PENDS;
	if ((bit & SIGNALS_DEFAULT_IGNORED) || (process->flags & PROCESS_INIT))
		return SIGNAL_DROPPED;
	if ((bit & SIGNALS_STOP) ||
	    (unlikely(process->stop.complete) && bit != signal_bit(SIGKILL)))
		return SIGNAL_PENDS;
	return SIGNAL_KILLS;
}

/* A stop takes a pending continuation back and the other way round. */
static void cancel_opposite(struct process *process, uint64_t bit)
{
	uint64_t opposite = bit & SIGNALS_STOP ? signal_bit(SIGCONT) : SIGNALS_STOP;

	if (likely(!(bit & (SIGNALS_STOP | signal_bit(SIGCONT)))))
		return;
	if (bit == signal_bit(SIGCONT))
		signal_continue_locked(process);
	signal_queue_drop(process, &process->pending, opposite);
	list_for_each(node, &process->tasks)
		signal_queue_drop(process, &list_entry(node, struct task, link)->pending, opposite);
}

static bool takes(const struct task *task, uint64_t bit)
{
	return !(READ_ONCE(task->blocked) & bit) || (task->sigwait & bit);
}

/* The first thread that would take it now; else the first of all, and it stays pending. */
static struct task *choose_task(struct process *process, uint64_t bit)
{
	list_for_each(node, &process->tasks)
	{
		struct task *task = list_entry(node, struct task, link);

		if (takes(task, bit))
			return task;
	}
	return list_first(&process->tasks, struct task, link);
}

/* To @to, or with NULL to whichever thread takes it. */
static enum err send_locked(struct process *process, struct task *to,
			    const struct signal_info *info, struct signal_entry *entry)
{
	struct signal_queue *queue = to ? &to->pending : &process->pending;
	uint64_t bit = signal_bit((unsigned)info->signo);
	struct task *task;
	enum err err = OK;
	bool taken;

	task = to ? to : choose_task(process, bit);
	cancel_opposite(process, bit);
	switch (signal_fate(process, READ_ONCE(task->blocked) | task->sigwait, bit)) {
	case SIGNAL_DROPPED:
		return OK;
	case SIGNAL_KILLS:
		process_kill_locked(process, info->signo);
		return OK;
	case SIGNAL_PENDS:
		break;
	}
	if (unlikely(entry))
		signal_queue_add_entry(queue, entry);
	else
		err = signal_queue_add(process, queue, info);
	if (err != OK)
		return err;
	/* The masks again, now that the signal can be seen: see signal.h. */
	__atomic_thread_fence(__ATOMIC_SEQ_CST);
	taken = takes(task, bit);
	if (unlikely(!taken) && !to) {
		task = choose_task(process, bit);
		taken = takes(task, bit);
	}
	if (taken)
		thread_interrupt(&task->thread, THREAD_SIGNAL);
	return OK;
}

static bool reachable(const struct process *process)
{
	return process->state == PROCESS_LIVE && !(process->flags & PROCESS_EXITING) &&
	       !list_empty(&process->tasks);
}

enum err signal_try_task_locked(struct task *task, const struct signal_info *info)
{
	if (!reachable(task->process))
		return OK;
	return send_locked(task->process, task, info, NULL);
}

void signal_send_task_locked(struct task *task, const struct signal_info *info)
{
	(void)!signal_try_task_locked(task, info);
}

enum err signal_try_process_locked(struct process *process, const struct signal_info *info)
{
	if (!reachable(process))
		return OK;
	return send_locked(process, NULL, info, NULL);
}

void signal_send_process_locked(struct process *process, const struct signal_info *info)
{
	(void)!signal_try_process_locked(process, info);
}

void signal_send_entry_locked(struct process *process, struct task *task,
			      struct signal_entry *entry)
{
	if (reachable(process))
		(void)!send_locked(process, task, &entry->info, entry);
}

void signal_send_process(struct process *process, const struct signal_info *info)
{
	lglock_lock(&process_lock);
	signal_send_process_locked(process, info);
	lglock_unlock(&process_lock);
}

void signal_send_group_locked(struct pid *group, unsigned number)
{
	struct signal_info info = {.signo = (int32_t)number, .code = SI_KERNEL};

	list_for_each(node, &group->group)
		signal_send_process_locked(list_entry(node, struct process, group_link), &info);
}

void signal_send_group(struct pid *group, unsigned number)
{
	lglock_lock(&process_lock);
	signal_send_group_locked(group, number);
	lglock_unlock(&process_lock);
}

void signal_child_locked(const struct process *child, unsigned number, int32_t status)
{
	struct signal_info info = {
		.signo = (int32_t)number,
		.code = child_status_code(status),
		.by.pid = child->pid->number,
		.by.uid = child->cred->uid,
		.by.value = child_status_detail(status),
	};

	signal_send_process_locked(child->parent, &info);
}

void signal_force(unsigned number, int32_t code, uint64_t address)
{
	struct task *task = task_current();
	struct process *process = task->process;
	struct signal_info info = {
		.signo = (int32_t)number, .code = code, .fault.address = address};
	bool deadly;

	lglock_lock(&process_lock);
	deadly = task->blocked & signal_bit(number) ||
		 !(process->handlers->handled & signal_bit(number));
	if (!deadly)
		(void)!signal_queue_add(process, &task->pending, &info);
	lglock_unlock(&process_lock);
	if (deadly)
		process_exit_group((int32_t)number);
	thread_interrupt(&task->thread, THREAD_SIGNAL);
}

void signal_force_segv(unsigned while_delivering)
{
	if (while_delivering == SIGSEGV)
		process_exit_group(SIGSEGV);
	signal_force(SIGSEGV, SI_KERNEL, 0);
}

void signal_retarget_locked(struct process *process, uint64_t set)
{
	uint64_t left = process->pending.mask & set;

	if (!left)
		return;
	list_for_each(node, &process->tasks)
	{
		struct task *task = list_entry(node, struct task, link);
		uint64_t its = left & (~READ_ONCE(task->blocked) | task->sigwait);

		if (its)
			thread_interrupt(&task->thread, THREAD_SIGNAL);
		left &= ~its;
	}
}

void signal_task_gone_locked(struct process *process)
{
	signal_retarget_locked(process, ~0ull);
	signal_stop_check_locked(process);
}

bool signal_allowed(const struct process *target, unsigned number)
{
	const struct process *sender = process_current();
	const struct cred *me = cred_current();
	const struct cred *it = target->cred;

	if (target == sender || cred_can(me, CAP_KILL) || me->euid == it->suid ||
	    me->euid == it->uid || me->uid == it->suid || me->uid == it->uid)
		return true;
	return number == SIGCONT && target->session == sender->session;
}
