/* SPDX-License-Identifier: BSD-2-Clause */
#pragma once
/*
 * Memory promised to processes: writable private areas charge their pages when they are made,
 * PROT_NONE and MAP_NORESERVE areas do not. An account belongs to a user (proc/ makes one for
 * each); a charge beyond its limit, or beyond what the machine could ever hold, is refused.
 */
#include "kernel/lib/errors.h"
#include "kernel/lib/refcount.h"
#include "kernel/lib/types.h"

struct commit_account {
	uint64_t pages; /* charged now, with what CPUs keep for it */
	uint64_t limit; /* pages; UINT64_MAX: none */
};

#define COMMIT_ACCOUNT_INIT                     \
	{                                       \
		.pages = 0, .limit = UINT64_MAX \
	}

/** Charge @pages; ERR_NOMEM changes nothing. @account may be NULL: only the machine counts. */
enum err commit_charge(struct commit_account *account, uint64_t pages);
void commit_release(struct commit_account *account, uint64_t pages);
/** The same promise, paid by another account from now on; its limit is not looked at. */
void commit_move(struct commit_account *from, struct commit_account *to, uint64_t pages);
/** Nobody charges the account any more: no CPU keeps pages for it from now on. */
void commit_account_ends(struct commit_account *account);
/** Pages charged over all accounts, and the most that may be (/proc/meminfo). */
uint64_t commit_total(void);
uint64_t commit_limit(void);
