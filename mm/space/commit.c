/* SPDX-License-Identifier: BSD-2-Clause */
#include "mm/space/commit.h"

#include "kernel/core/limits.h"
#include "kernel/core/spinlock.h"
#include "kernel/core/state_digest.h"
#include "kernel/x86/percpu.h"
#include "mm/claim.h"
#include "mm/frame.h"

static struct spinlock commit_lock = SPINLOCK_INIT(LOCK_COMMIT);
static uint64_t committed;

/*
 * What each CPU has charged to one account ahead of need: most charges and releases touch nothing
 * else. It counts as charged; who would be refused because of it gets it first.
 */
static struct stock {
	struct claim claim;
	uint32_t spare;
	struct commit_account *account;
	uint64_t pages;
} __aligned(CACHE_LINE) stocks[LIMIT_CPUS];

#define STOCK_PAGES 128ul /* a full stock is twice that */

/* Most programs touch a part of what they ask for: promise twice what there is, and let the rule
 * for exhausted memory decide when too many keep us to it. */
uint64_t commit_limit(void)
{
	return 2 * frame_total_count();
}

uint64_t commit_total(void)
{
	uint64_t total = READ_ONCE(committed);

	for (unsigned i = 0; i < LIMIT_CPUS; i++)
		total -= READ_ONCE(stocks[i].pages);
	return total;
}

static void uncharge_locked(struct commit_account *account, uint64_t pages)
{
	ASSERT(committed >= pages && (account == NULL || account->pages >= pages));
	committed -= pages;
	if (account != NULL)
		account->pages -= pages;
}

static bool charge_locked(struct commit_account *account, uint64_t pages)
{
	uint64_t limit = commit_limit();

	if (pages > limit || committed > limit - pages)
		return false;
	if (account != NULL && (pages > account->limit || account->pages > account->limit - pages))
		return false;
	committed += pages;
	if (account != NULL)
		account->pages += pages;
	return true;
}

/* Make the stock one of @account with @pages; what was in it goes back. */
static void restock_locked(struct stock *stock, struct commit_account *account, uint64_t pages)
{
	struct commit_account *old;
	uint64_t back;

	claim_take(&stock->claim);
	old = stock->account;
	back = stock->pages;
	stock->account = account;
	stock->pages = pages;
	claim_drop(&stock->claim);
	uncharge_locked(old, back);
}

static void empty_stocks_locked(const struct commit_account *account)
{
	for (unsigned i = 0; i < LIMIT_CPUS; i++)
		if (account == NULL || READ_ONCE(stocks[i].account) == account)
			restock_locked(&stocks[i], NULL, 0);
}

/* A charge that the stock does not hold. */
static __noinline enum err charge(struct stock *stock, struct commit_account *account,
				  uint64_t pages)
{
	enum err err = OK;

	spin_lock(&commit_lock);
	if (charge_locked(account, pages + STOCK_PAGES)) {
		restock_locked(stock, account, STOCK_PAGES);
	} else if (!charge_locked(account, pages)) {
		empty_stocks_locked(NULL);
		if (!charge_locked(account, pages))
			err = ERR_NOMEM;
	}
	spin_unlock(&commit_lock);
	return err;
}

enum err commit_charge(struct commit_account *account, uint64_t pages)
{
	struct stock *stock = &stocks[cpu_id()];
	bool there;

	if (pages == 0)
		return OK;
	if (pages > UINT64_MAX - STOCK_PAGES)
		return ERR_NOMEM;
	claim_take(&stock->claim);
	there = stock->account == account && stock->pages >= pages;
	if (there)
		stock->pages -= pages;
	claim_drop(&stock->claim);
	return likely(there) ? OK : charge(stock, account, pages);
}

void commit_release(struct commit_account *account, uint64_t pages)
{
	struct stock *stock = &stocks[cpu_id()];
	bool kept;

	if (pages == 0)
		return;
	claim_take(&stock->claim);
	kept = stock->account == account && pages <= 2 * STOCK_PAGES - stock->pages;
	if (kept)
		stock->pages += pages;
	claim_drop(&stock->claim);
	if (likely(kept))
		return;
	spin_lock(&commit_lock);
	uncharge_locked(account, pages);
	restock_locked(stock, NULL, 0);
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

void commit_account_ends(struct commit_account *account)
{
	spin_lock(&commit_lock);
	empty_stocks_locked(account);
	spin_unlock(&commit_lock);
}

STATE_COUNTER(commit_total);
