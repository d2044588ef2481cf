/* SPDX-License-Identifier: BSD-2-Clause */
/* What CPUs keep of an account ahead of need neither refuses a task nor lets one through. */
#include "proc/process.h"
#include "selftest/selftest.h"

#define UID   4711u
#define LIMIT 3u

static uint32_t charge_up_to(struct user_account *account, uint32_t limit)
{
	uint32_t count = 0;

	while (count <= limit && account_charge_task(account, limit) == OK)
		count++;
	return count;
}

SELFTEST(M14, 21, tasks_are_limited_exactly)
{
	struct user_account *account = account_of(UID);

	CHECK(account);
	/* This one makes the CPU keep more than the limit that counts from here on. */
	CHECK(account_charge_task(account, UINT64_MAX) == OK && account->tasks > LIMIT);
	CHECK(charge_up_to(account, LIMIT) == LIMIT - 1);
	account_release_task(account);
	CHECK(charge_up_to(account, LIMIT) == 1);
	for (uint32_t i = 0; i < LIMIT; i++)
		account_release_task(account);
	account_settle();
	CHECK(account->tasks == 0 && refcount_read(&account->count) == 1);
	account_put(account);
	return true;
}
