/* SPDX-License-Identifier: BSD-2-Clause */
/* What each user's processes hold together: threads, and the memory promised to them. */
#include "kernel/lib/bits.h"

#include "kernel/core/epoch.h"
#include "kernel/core/spinlock.h"
#include "kernel/core/state_digest.h"
#include "kernel/sched/sched.h"
#include "mm/frame.h"
#include "mm/slab.h"
#include "mm/space/commit_hooks.h"
#include "proc/account_internal.h"
#include "proc/tally.h"

static SLAB_CACHE(account_cache, struct user_account);
struct spinlock account_lock = SPINLOCK_INIT(LOCK_USER);
static struct rb_tree accounts;

/* Root is held by the machine only; any other user leaves a quarter of the memory to the rest. */
static uint64_t memory_limit(uint32_t uid)
{
	return uid ? frame_total_count() / 4 * 3 : UINT64_MAX;
}

/* The account of a user, or NULL and where it would stand. */
static struct user_account *find_locked(uint32_t uid, struct rb_node **parent, unsigned *side)
{
	struct rb_node *node = accounts.root;

	*parent = NULL;
	*side = 0;
	while (node) {
		struct user_account *account = container_of(node, struct user_account, node);
		if (account->uid == uid)
			return account;
		*parent = node;
		*side = uid > account->uid;
		node = node->child[*side];
	}
	return NULL;
}

static void account_free(struct user_account *account)
{
	if (account)
		kfree(account->share.parts);
	slab_free(&account_cache, account);
}

static void account_reclaim(struct epoch_node *node)
{
	account_free(container_of(node, struct user_account, epoch));
}

static struct user_account *account_alloc(void)
{
	struct user_account *account = slab_alloc_zero(&account_cache);
	uint32_t cpus = sched_cpu_limit();
	/* Whole pages: no part has a line in common with another CPU's. */
	struct sched_part *parts = kzalloc(MAX(cpus * sizeof(*parts), PAGE_SIZE));

	if (!account || !parts) {
		kfree(parts);
		slab_free(&account_cache, account);
		return NULL;
	}
	sched_group_init(&account->share, parts, cpus);
	return account;
}

struct user_account *account_of(uint32_t uid)
{
	struct user_account *fresh = account_alloc();
	struct rb_node *parent;
	unsigned side;

	spin_lock(&account_lock);
	struct user_account *account = find_locked(uid, &parent, &side);
	if (account) {
		refcount_get(&account->count);
	} else if (fresh) {
		account = fresh;
		fresh = NULL;
		account->uid = uid;
		account->memory.limit = memory_limit(uid);
		refcount_init(&account->count, 1);
		rb_insert(&accounts, &account->node, parent, side);
	}
	spin_unlock(&account_lock);
	account_free(fresh);
	return account;
}

struct user_account *account_get(struct user_account *account)
{
	if (unlikely(!account_stock_get(account)))
		refcount_get(&account->count);
	return account;
}

struct user_account *account_of_process(struct process *process)
{
	lglock_lock(&process_lock);
	struct user_account *account = account_get(process->account);
	lglock_unlock(&process_lock);
	return account;
}

void account_put(struct user_account *account)
{
	if (unlikely(!account_stock_put(account)))
		account_put_counted(account);
}

void account_put_counted(struct user_account *account)
{
	if (likely(refcount_put_unless_last(&account->count)))
		return;
	spin_lock(&account_lock);
	bool last = refcount_put(&account->count);
	if (last)
		rb_erase(&accounts, &account->node);
	spin_unlock(&account_lock);
	if (!last)
		return;
	commit_account_ends(&account->memory);
	epoch_retire(&account->epoch, account_reclaim);
}

void commit_account_get(struct commit_account *account)
{
	account_get(container_of(account, struct user_account, memory));
}

void commit_account_put(struct commit_account *account)
{
	account_put(container_of(account, struct user_account, memory));
}

static uint64_t tasks_charged(void)
{
	return tally_sum(TALLY_CHARGED);
}

STATE_COUNTER(tasks_charged);
