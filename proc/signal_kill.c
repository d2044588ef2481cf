/* SPDX-License-Identifier: BSD-2-Clause */
/* kill(2) and tgkill(2). */
#include "kernel/core/audit.h"
#include "proc/signal_internal.h"
#include "sec/cred.h"

static struct signal_info info_of_sender(unsigned number, int32_t code)
{
	const struct process *me = process_current();

	return (struct signal_info){.signo = (int32_t)number,
				    .code = code,
				    .by = {.pid = me->pid->number, .uid = cred_current()->uid}};
}

static enum err check_locked(const struct process *target, unsigned number)
{
	if (likely(signal_allowed(target, number)))
		return OK;
	audit_deny(process_current()->pid->number,
		   (struct audit_object){AUDIT_OBJECT_PROCESS, target->pid->number},
		   (uint32_t)task_frame(task_current())->error, ERR_PERM);
	return ERR_PERM;
}

static enum err kill_process_locked(struct process *process, unsigned number)
{
	enum err err = check_locked(process, number);

	if (err == OK && number) {
		struct signal_info info = info_of_sender(number, SI_USER);

		signal_send_process_locked(process, &info);
	}
	return err;
}

/* OK when one member could be signalled. */
static enum err kill_group_locked(const struct pid *group, unsigned number)
{
	enum err err = ERR_SRCH;

	if (!group)
		return ERR_SRCH;
	list_for_each(node, &group->group)
	{
		struct process *member = list_entry(node, struct process, group_link);
		enum err one = kill_process_locked(member, number);

		if (err != OK)
			err = one;
	}
	return err;
}

/* Everybody but init and the caller; those that must not be signalled do not count as failure. */
static enum err kill_all(unsigned number)
{
	enum err err = ERR_SRCH;

	for (struct process *at = process_next(NULL); at; at = process_next(at)) {
		if ((at->flags & PROCESS_INIT) || at == process_current())
			continue;
		lglock_lock(&process_lock);
		if (at->state != PROCESS_REAPED) {
			err = OK;
			(void)!kill_process_locked(at, number);
		}
		lglock_unlock(&process_lock);
	}
	return err;
}

static enum err kill_one_locked(uint32_t number_of, unsigned number)
{
	struct pid *pid = pid_find(number_of);

	if (!pid || (!pid->process && !pid->task))
		return ERR_SRCH;
	return kill_process_locked(pid->process ? pid->process : pid->task->process, number);
}

enum err signal_kill(int32_t which, unsigned number)
{
	enum err err;

	if (number > SIGNAL_COUNT)
		return ERR_INVAL;
	if (which == -1)
		return kill_all(number);
	lglock_lock(&process_lock);
	if (which > 0)
		err = kill_one_locked((uint32_t)which, number);
	else if (which == 0)
		err = kill_group_locked(process_current()->group, number);
	else
		err = kill_group_locked(pid_find(0 - (uint32_t)which), number);
	lglock_unlock(&process_lock);
	return err;
}

enum err signal_tgkill(uint32_t tgid, uint32_t tid, unsigned number)
{
	struct signal_info info;
	struct process *process;
	struct pid *pid;
	enum err err = ERR_SRCH;

	if (number > SIGNAL_COUNT)
		return ERR_INVAL;
	lglock_lock(&process_lock);
	pid = pid_find(tid);
	process = process_of_number_locked(tid);
	if (process && (!tgid || process->pid->number == tgid))
		err = check_locked(process, number);
	/* The first thread may have left before the others: then nobody gets it. */
	if (err == OK && number && pid->task) {
		info = info_of_sender(number, SI_TKILL);
		err = signal_try_task_locked(pid->task, &info);
	}
	lglock_unlock(&process_lock);
	return err;
}

static enum err queue_info_locked(struct pid *pid, uint32_t tgid, bool to_thread,
				  const struct signal_info *info)
{
	struct process *process = pid->process ? pid->process
				  : pid->task  ? pid->task->process
					       : NULL;
	enum err err;

	if (!process || (to_thread && (!pid->task || process->pid->number != tgid)))
		return ERR_SRCH;
	err = check_locked(process, (unsigned)info->signo);
	if (err != OK || !info->signo)
		return err;
	return to_thread ? signal_try_task_locked(pid->task, info)
			 : signal_try_process_locked(process, info);
}

/* Nobody can pretend to be the kernel, or one of the calls that name their sender. */
enum err signal_queue_info(uint32_t tgid, uint32_t tid, const struct signal_info *info)
{
	uint32_t target = tid ? tid : tgid;
	struct pid *pid;
	enum err err = ERR_SRCH;

	if ((info->code >= 0 || info->code == SI_TKILL) && target != task_current()->pid->number)
		return ERR_PERM;
	lglock_lock(&process_lock);
	pid = pid_find(target);
	if (pid && (uint32_t)info->signo <= SIGNAL_COUNT)
		err = queue_info_locked(pid, tgid, tid, info);
	else if (pid)
		err = ERR_INVAL;
	lglock_unlock(&process_lock);
	return err;
}
