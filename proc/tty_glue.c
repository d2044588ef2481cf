/* SPDX-License-Identifier: BSD-2-Clause */
/* What a terminal asks about sessions and groups: drv/tty_hooks.h. */
#include "drv/tty_hooks.h"
#include "proc/job_control.h"
#include "sec/cred.h"

void tty_signal_group(struct pid *group, unsigned signal)
{
	signal_send_group(group, signal);
}

struct tty_session *tty_session_of(struct pid *session)
{
	return &session->terminal;
}

static void signal_holder_locked(const struct pid *pid, unsigned signal)
{
	if (pid && pid->process && pid->process->state == PROCESS_LIVE)
		signal_send_process_locked(
			pid->process,
			&(struct signal_info){.signo = (int32_t)signal, .code = SI_KERNEL});
}

void tty_signal_leader(struct pid *session, unsigned signal)
{
	lglock_lock(&process_lock);
	signal_holder_locked(session, signal);
	lglock_unlock(&process_lock);
}

void tty_ctrl_alt_del(void)
{
	lglock_lock(&process_lock);
	signal_holder_locked(pid_find(1), SIGINT);
	lglock_unlock(&process_lock);
}

struct pid *tty_pid_get(struct pid *pid)
{
	return pid_get(pid);
}

void tty_pid_put(struct pid *pid)
{
	pid_put(pid);
}

int32_t tty_pid_number(const struct pid *pid)
{
	return (int32_t)pid->number;
}

struct pid *tty_current_session(void)
{
	return READ_ONCE(process_current()->session);
}

struct pid *tty_current_group(void)
{
	return READ_ONCE(process_current()->group);
}

void tty_current_pids(struct pid **session, struct pid **group)
{
	lglock_lock(&process_lock);
	*session = pid_get(process_current()->session);
	*group = pid_get(process_current()->group);
	lglock_unlock(&process_lock);
}

bool tty_current_is_leader(void)
{
	return tty_current_session() == process_current()->pid;
}

void tty_current_leave(void)
{
	lglock_lock(&process_lock);
	process_current()->flags |= PROCESS_NO_TTY;
	lglock_unlock(&process_lock);
}

bool tty_current_has_left(void)
{
	return READ_ONCE(process_current()->flags) & PROCESS_NO_TTY;
}

bool tty_current_is_root(void)
{
	return cred_is_privileged(cred_current());
}

uint32_t tty_current_uid(void)
{
	return cred_current()->fsuid;
}

struct commit_account *tty_current_account(void)
{
	return &account_get(task_current()->account)->memory;
}

enum err tty_group_find(int32_t number, struct pid **out)
{
	enum err err = ERR_SRCH;

	lglock_lock(&process_lock);
	struct pid *pid = number > 0 ? pid_find((uint32_t)number) : NULL;
	if (pid && !list_empty(&pid->group)) {
		struct process *member = list_first(&pid->group, struct process, group_link);
		err = member->session == process_current()->session ? OK : ERR_PERM;
		if (err == OK)
			*out = pid_get(pid);
	}
	lglock_unlock(&process_lock);
	return err;
}

enum err tty_background(unsigned signal)
{
	struct task *task = task_current();
	struct process *process = task->process;
	enum err err = ERR_RESTARTSYS;

	lglock_lock(&process_lock);
	if ((task->blocked | process->handlers->ignored) & signal_bit(signal))
		err = signal == SIGTTIN ? ERR_IO : OK;
	else if (!group_has_control_locked(process->group, NULL, NULL))
		err = ERR_IO;
	else
		signal_send_group_locked(process->group, signal);
	lglock_unlock(&process_lock);
	return err;
}
