/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * P-M9-13: allocation 1, 2, … of opening both ends of a pseudo terminal fails: an error comes back
 * and nothing stays behind. What a pair costs is charged, and given back.
 */
#include "selftest/user/terminal.h"

#define ENFILE         23
#define MOST_TRIES     60
#define COMMITTED      5 /* of struct state */
#define PAGES_AT_LEAST 3

static void close_both(long master, long slave)
{
	if (slave >= 0)
		CHECK(sys3(SYS_close, slave, 0, 0) == 0);
	if (master >= 0)
		CHECK(sys3(SYS_close, master, 0, 0) == 0);
}

static int for_memory(long result)
{
	return result >= 0 || result == -ENOMEM || result == -ENFILE;
}

/* Returns whether allocation @n was there to fail. */
static int open_with_failure(long n)
{
	long master, slave = 0, fired;

	CHECK(service(FAIL_ALLOCATION, n) == 0);
	master = open_master();
	if (master >= 0) {
		int number = number_of(master);

		unlock(master);
		slave = open_slave(number, O_NOCTTY);
	}
	fired = service(END_FAILURE, 0);
	CHECK(fired >= 0 && for_memory(master) && for_memory(slave));
	CHECK(fired || (master >= 0 && slave >= 0));
	close_both(master, slave ? slave : -1);
	return fired != 0;
}

static void each_allocation(void)
{
	struct state before, after;
	long n = 1;

	open_with_failure(MOST_TRIES * 10);
	state_now();
	before = state_now();
	while (n < MOST_TRIES && open_with_failure(n))
		n++;
	CHECK(n > 5 && n < MOST_TRIES);
	after = state_now();
	CHECK(same_state(&before, &after));
}

static void a_pair_is_paid_for(void)
{
	struct state before = state_now(), with;
	long master = open_master();

	CHECK(master >= 0);
	with = state_now();
	CHECK(with.counter[COMMITTED] >= before.counter[COMMITTED] + PAGES_AT_LEAST);
	close_both(master, -1);
	with = state_now();
	CHECK(same_state(&before, &with));
}

void test_main(const uint64_t *stack)
{
	(void)stack;
	each_allocation();
	a_pair_is_paid_for();
}
