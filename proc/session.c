/* SPDX-License-Identifier: BSD-2-Clause */
#include "proc/session.h"

static void leave_group_locked(struct process *process, struct pid *group)
{
	list_remove(&process->group_link);
	process->group->stopped -= process->stop.complete;
	group->stopped += process->stop.complete;
	process->group = pid_get(group);
	list_add_tail(&group->group, &process->group_link);
}

int64_t process_setsid(void)
{
	struct process *self = process_current();
	struct pid *old_group, *old_session;

	lglock_lock(&process_lock);
	if (!list_empty(&self->pid->group) || !list_empty(&self->pid->session)) {
		lglock_unlock(&process_lock);
		return ERR_PERM;
	}
	old_group = self->group;
	old_session = self->session;
	self->flags &= ~(uint32_t)PROCESS_NO_TTY;
	leave_group_locked(self, self->pid);
	list_remove(&self->session_link);
	self->session = pid_get(self->pid);
	list_add_tail(&self->pid->session, &self->session_link);
	lglock_unlock(&process_lock);
	pid_put(old_group);
	pid_put(old_session);
	return self->pid->number;
}

/* The process that setpgid may move: the caller, or a child of it that has not called exec. */
static enum err find_target_locked(uint32_t number, struct process **out)
{
	struct process *self = process_current();
	uint32_t wanted = number ? number : self->pid->number;
	struct process *target = process_of_number_locked(wanted);

	if (target && target->pid->number != wanted)
		return ERR_INVAL;
	if (!target || (target != self && target->parent != self))
		return ERR_SRCH;
	if (target != self && (target->flags & PROCESS_EXECED))
		return ERR_ACCES;
	if (target->session == target->pid || target->session != self->session)
		return ERR_PERM;
	*out = target;
	return OK;
}

/* An existing group of the same session, or a new one named after the process. */
static enum err find_group_locked(const struct process *target, uint32_t number, struct pid **out)
{
	struct pid *group =
		number && number != target->pid->number ? pid_find(number) : target->pid;

	if (group != target->pid &&
	    (!group || list_empty(&group->group) ||
	     list_first(&group->group, struct process, group_link)->session != target->session))
		return ERR_PERM;
	*out = group;
	return OK;
}

enum err process_setpgid(int32_t number, int32_t group_number)
{
	struct pid *group, *old = NULL;
	struct process *target;

	if (group_number < 0)
		return ERR_INVAL;
	if (number < 0)
		return ERR_SRCH;
	lglock_lock(&process_lock);
	enum err err = find_target_locked((uint32_t)number, &target);
	if (err == OK)
		err = find_group_locked(target, (uint32_t)group_number, &group);
	if (err == OK && target->group != group) {
		old = target->group;
		leave_group_locked(target, group);
	}
	lglock_unlock(&process_lock);
	if (old)
		pid_put(old);
	return err;
}

static int64_t number_of(int32_t number, bool session)
{
	int64_t result = ERR_SRCH;

	lglock_lock(&process_lock);
	const struct process *process =
		number ? process_of_number_locked((uint32_t)number) : process_current();
	if (process)
		result = session ? process->session->number : process->group->number;
	lglock_unlock(&process_lock);
	return result;
}

int64_t process_getpgid(int32_t number)
{
	return number_of(number, false);
}

int64_t process_getsid(int32_t number)
{
	return number_of(number, true);
}
