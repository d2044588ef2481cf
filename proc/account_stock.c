/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What each CPU keeps of one account ahead of need: tasks that count as charged, and references.
 * Most forks and exits touch nothing else of an account, which the processes of a user share on all
 * CPUs. Who would be refused because of what CPUs keep gets it first.
 */
#include "kernel/core/limits.h"
#include "kernel/x86/percpu.h"
#include "mm/claim.h"
#include "proc/account_internal.h"
#include "proc/tally.h"

static struct stock {
	struct claim claim;
	uint32_t tasks;
	uint32_t refs; /* one of them keeps the account for the stock itself */
	struct user_account *account;
} __aligned(CACHE_LINE) stocks[LIMIT_CPUS];

#define STOCK_TASKS 16u /* a full stock is twice that */
#define STOCK_REFS  48u /* a process and its task count it three times */

bool account_stock_get(struct user_account *account)
{
	struct stock *stock = &stocks[cpu_id()];

	claim_take(&stock->claim);
	bool there = stock->account == account && stock->refs > 1;
	stock->refs -= there;
	claim_drop(&stock->claim);
	return there;
}

bool account_stock_put(struct user_account *account)
{
	struct stock *stock = &stocks[cpu_id()];

	claim_take(&stock->claim);
	bool kept = stock->account == account && stock->refs < 2 * STOCK_REFS;
	stock->refs += kept;
	claim_drop(&stock->claim);
	return kept;
}

/* The stock becomes @full; what was in it is the caller's to give back. */
static struct stock exchange(struct stock *stock, const struct stock *full)
{
	claim_take(&stock->claim);
	struct stock old = {.tasks = stock->tasks, .refs = stock->refs, .account = stock->account};
	stock->tasks = full->tasks;
	stock->refs = full->refs;
	stock->account = full->account;
	claim_drop(&stock->claim);
	return old;
}

/* account_lock is not held: the last reference takes it. */
static void give_back(const struct stock *old)
{
	if (!old->account)
		return;
	spin_lock(&account_lock);
	ASSERT(old->account->tasks >= old->tasks);
	old->account->tasks -= old->tasks;
	spin_unlock(&account_lock);
	for (uint32_t i = 0; i < old->refs; i++)
		account_put_counted(old->account);
}

static void empty_stocks(const struct user_account *account)
{
	const struct stock empty = {};

	for (unsigned i = 0; i < LIMIT_CPUS; i++)
		if (READ_ONCE(stocks[i].account) &&
		    (!account || READ_ONCE(stocks[i].account) == account)) {
			struct stock old = exchange(&stocks[i], &empty);
			give_back(&old);
		}
}

void account_settle(void)
{
	empty_stocks(NULL);
}

static bool charge_counted(struct user_account *account, uint64_t count, uint64_t limit)
{
	spin_lock(&account_lock);
	bool fits = count <= limit && account->tasks <= limit - count;
	if (fits)
		account->tasks += count;
	spin_unlock(&account_lock);
	return fits;
}

/* The caller has charged one more: the stock gets the rest. */
static void restock(struct stock *stock, struct user_account *account)
{
	const struct stock full = {.tasks = STOCK_TASKS, .refs = STOCK_REFS, .account = account};

	for (uint32_t i = 0; i < STOCK_REFS; i++)
		refcount_get(&account->count);
	struct stock old = exchange(stock, &full);
	give_back(&old);
}

static __noinline bool charge(struct stock *stock, struct user_account *account, uint64_t limit)
{
	if (charge_counted(account, 1 + STOCK_TASKS, limit)) {
		restock(stock, account);
		return true;
	}
	if (charge_counted(account, 1, limit))
		return true;
	empty_stocks(account);
	return charge_counted(account, 1, limit);
}

enum err account_charge_task(struct user_account *account, uint64_t limit)
{
	struct stock *stock = &stocks[cpu_id()];

	claim_take(&stock->claim);
	/* Those in the stocks are counted: with one of them used there are not more. */
	bool there =
		stock->account == account && stock->tasks && READ_ONCE(account->tasks) <= limit;
	stock->tasks -= there;
	claim_drop(&stock->claim);
	if (unlikely(!there) && !charge(stock, account, limit))
		return ERR_AGAIN;
	tally_add(TALLY_CHARGED, 1);
	return OK;
}

void account_release_task(struct user_account *account)
{
	struct stock *stock = &stocks[cpu_id()];

	tally_add(TALLY_CHARGED, -1);
	claim_take(&stock->claim);
	bool kept = stock->account == account && stock->tasks < 2 * STOCK_TASKS;
	stock->tasks += kept;
	claim_drop(&stock->claim);
	if (likely(kept))
		return;
	spin_lock(&account_lock);
	ASSERT(account->tasks > 0);
	account->tasks--;
	spin_unlock(&account_lock);
}
