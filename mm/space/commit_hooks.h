/* SPDX-License-Identifier: BSD-2-Clause */
#pragma once
/* An account stands in a user's record, which proc/account.c counts. */

struct commit_account;

/** One more space is paid for by this account, or one less. Context: thread, no spinlock. */
void commit_account_get(struct commit_account *account);
void commit_account_put(struct commit_account *account);
