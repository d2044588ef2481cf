/* SPDX-License-Identifier: BSD-2-Clause */
/* A thread changes who it is; its first thread speaks for the process. */
#include "mm/space/space.h"
#include "proc/process.h"
#include "proc/task_internal.h"
#include "sec/cred.h"

/* What the process has is its new user's, unless it still shares it with its parent (vfork). */
static void change_payer(struct process *process, struct user_account *account)
{
	struct user_account *old = process->account;

	lglock_lock(&process_lock);
	signal_queues_move(process, account);
	process->account = account_get(account);
	lglock_unlock(&process_lock);
	(void)space_pay_from(process->space, &account->memory);
	account_put(old);
}

/* Others look at the account of a task under the lock. */
static void move_task(struct task *task, struct user_account *account)
{
	struct user_account *old = task->account;

	task_uncount(task);
	lglock_lock(&process_lock);
	task->account = account_get(account);
	lglock_unlock(&process_lock);
	task->counted = true;
	thread_group_set(&task->thread, &account->share);
	account_put(old);
}

/* As on Linux the limit of the new user's tasks is not looked at here, but by the next fork. */
static enum err change_account(struct task *task, uint32_t uid)
{
	struct user_account *account = account_of(uid);

	if (!account)
		return ERR_NOMEM;
	(void)!account_charge_task(account, UINT64_MAX);
	move_task(task, account);
	if (task_is_first(task))
		change_payer(task->process, account);
	account_put(account);
	return OK;
}

/* Others judge the process by it from now on. Return: what they judged it by before. */
static const struct cred *show_cred_locked(struct process *process, const struct cred *cred)
{
	const struct cred *old = process->cred;

	process->cred = cred_get(cred);
	return old;
}

static bool acts_as_another(const struct cred *cred, const struct cred *old)
{
	return cred->euid != old->euid || cred->egid != old->egid || cred->fsuid != old->fsuid ||
	       cred->fsgid != old->fsgid || (cred->caps.permitted & ~old->caps.permitted);
}

enum err task_set_cred(const struct cred *cred)
{
	struct task *task = task_current();
	struct process *self = task->process;
	const struct cred *old = task->cred, *shown = NULL;

	if (cred->uid != task->account->uid && change_account(task, cred->uid) != OK) {
		cred_put(cred);
		return ERR_NOMEM;
	}
	lglock_lock(&process_lock);
	task->cred = cred;
	if (task_is_first(task))
		shown = show_cred_locked(self, cred);
	/*
	 * Its memory may hold what the new user must not see; nor may a parent of before choose
	 * what a new user's process is sent.
	 */
	if (acts_as_another(cred, old)) {
		self->flags |= PROCESS_NOT_DUMPABLE;
		self->death_signal = 0;
	}
	lglock_unlock(&process_lock);
	cred_put(old);
	cred_put(shown);
	return OK;
}

void task_copy_cred(void)
{
	const struct cred *own = cred_inherit(cred_current());

	if (!own)
		return;
	task_current()->cred_is_parents = false;
	(void)task_set_cred(own); /* the same user: nothing to fail */
}
