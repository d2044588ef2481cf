/* SPDX-License-Identifier: BSD-2-Clause */
/* A process changes who it is. */
#include "mm/space/space.h"
#include "proc/process.h"
#include "sec/cred.h"

/* As on Linux the limit of the new user's processes is not looked at here, but by the next fork. */
static enum err change_account(struct process *process, uint32_t uid)
{
	struct user_account *old = process->account;
	struct user_account *account = account_of(uid);

	if (!account)
		return ERR_NOMEM;
	(void)!account_charge_process(account, UINT64_MAX);
	process->account = account;
	thread_self()->group = &account->share;
	account_release_process(old);
	account_put(old);
	/* What it has is its new user's, unless it still shares it with its parent (vfork). */
	(void)space_pay_from(process->space, &account->memory);
	return OK;
}

enum err process_set_cred(const struct cred *cred)
{
	struct process *self = process_current();
	const struct cred *old = self->cred;

	if (cred->uid != self->account->uid && change_account(self, cred->uid) != OK) {
		cred_put(cred);
		return ERR_NOMEM;
	}
	spin_lock(&process_lock);
	self->cred = cred;
	/* Its memory may hold what the new user must not see. */
	if (cred->euid != old->euid || cred->egid != old->egid)
		self->flags |= PROCESS_NOT_DUMPABLE;
	/* Nor may a parent of before choose what a new user's process is sent. */
	if (cred->euid != old->euid || cred->egid != old->egid || cred->fsuid != old->fsuid ||
	    cred->fsgid != old->fsgid)
		self->death_signal = 0;
	spin_unlock(&process_lock);
	cred_put(old);
	return OK;
}
