/* SPDX-License-Identifier: BSD-2-Clause */
#pragma once
/* Between proc/account.c and proc/account_stock.c. */
#include "kernel/core/spinlock.h"
#include "proc/process.h"

extern struct spinlock account_lock;

/** A reference out of what this CPU keeps, or into it. Return: false: it is counted as usual. */
bool account_stock_get(struct user_account *account);
bool account_stock_put(struct user_account *account);
/** Drop a reference that no CPU keeps. */
void account_put_counted(struct user_account *account);
