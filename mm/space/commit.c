/* SPDX-License-Identifier: BSD-2-Clause */
#include "mm/space/commit.h"

#include "kernel/core/spinlock.h"
#include "kernel/core/state_digest.h"
#include "mm/frame.h"

static struct spinlock commit_lock = SPINLOCK_INIT(LOCK_COMMIT);
static uint64_t committed;

/* Most programs touch a part of what they ask for: promise twice what there is, and let the rule
 * for exhausted memory decide when too many keep us to it. */
uint64_t commit_limit(void)
{
	return 2 * frame_total_count();
}

uint64_t commit_total(void)
{
	return committed;
}

enum err commit_charge(struct commit_account *account, uint64_t pages)
{
	uint64_t limit = commit_limit();
	enum err err = OK;

	if (pages == 0)
		return OK;
	spin_lock(&commit_lock);
	if (pages > limit || committed > limit - pages)
		err = ERR_NOMEM;
	else if (account != NULL &&
		 (pages > account->limit || account->pages > account->limit - pages))
		err = ERR_NOMEM;
	if (err == OK) {
		committed += pages;
		if (account != NULL)
			account->pages += pages;
	}
	spin_unlock(&commit_lock);
	return err;
}

void commit_release(struct commit_account *account, uint64_t pages)
{
	if (pages == 0)
		return;
	spin_lock(&commit_lock);
	ASSERT(committed >= pages && (account == NULL || account->pages >= pages));
	committed -= pages;
	if (account != NULL)
		account->pages -= pages;
	spin_unlock(&commit_lock);
}

void commit_move(struct commit_account *from, struct commit_account *to, uint64_t pages)
{
	spin_lock(&commit_lock);
	ASSERT(from->pages >= pages);
	from->pages -= pages;
	to->pages += pages;
	spin_unlock(&commit_lock);
}

STATE_COUNTER(commit_total);
