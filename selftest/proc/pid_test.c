/* SPDX-License-Identifier: BSD-2-Clause */
/* A number goes to nobody else as long as anybody holds it; freed, it comes round again. */
#include "proc/pid.h"
#include "proc/process.h"
#include "selftest/selftest.h"

/* Goes once round all numbers; counts how often @number came, or ~0 when one could not be had. */
static uint32_t seen_in_one_turn(uint32_t number)
{
	uint32_t seen = 0;

	for (uint32_t i = 0; i < PID_MAX; i++) {
		struct pid *pid;

		if (pid_create(&pid) != OK)
			return ~0u;
		seen += pid->number == number;
		pid_put(pid);
	}
	return seen;
}

static struct pid *find(uint32_t number)
{
	lglock_lock(&process_lock);
	struct pid *pid = pid_find(number);
	lglock_unlock(&process_lock);
	return pid;
}

SELFTEST(M8, 4, number_of_the_dead_is_not_reused)
{
	struct pid *held;

	CHECK(pid_create(&held) == OK);
	uint32_t number = held->number;
	CHECK(number > 1 && number < PID_MAX && find(number) == held);
	CHECK(!held->process && !held->task);
	CHECK(seen_in_one_turn(number) == 0);
	CHECK(find(number) == held);
	pid_put(held);
	CHECK(find(number) == NULL);
	/* It comes when its turn has come, not at once. */
	CHECK(seen_in_one_turn(number) - 1 <= 1);
	return true;
}

/* When all are used the next is refused; one that is given back can be had at once. */
SELFTEST(M8, 4, numbers_run_out)
{
	static struct pid *held[PID_MAX];
	uint32_t before = pid_count(), count = 0;
	struct pid *extra = NULL;

	while (count < PID_MAX && pid_create(&held[count]) == OK)
		count++;
	CHECK(count == PID_MAX - 2 - before);
	CHECK(pid_create(&extra) == ERR_AGAIN && extra == NULL);
	uint32_t number = held[count / 2]->number;
	pid_put(held[count / 2]);
	CHECK(pid_create(&held[count / 2]) == OK && held[count / 2]->number == number);
	while (count)
		pid_put(held[--count]);
	CHECK(pid_count() == before);
	return true;
}
