/* SPDX-License-Identifier: BSD-2-Clause */
/* P-M9-13: allocation 1, 2, … of a new thread fails; its maker sees the error, nothing stays. */
#include "selftest/user/service.h"
#include "selftest/user/threads.h"

#define MOST_TRIES 60

static struct thread thread;
static volatile uint32_t ran;

static void runs(long arg)
{
	ran = (uint32_t)arg;
}

/* Return: whether an allocation failed. */
static int start_once(uint32_t n)
{
	long fired, tid;

	ran = 0;
	CHECK(service(FAIL_ALLOCATION, n) == 0);
	tid = thread_start(&thread, runs, 7);
	fired = service(END_FAILURE, 0);
	if (tid < 0) {
		CHECK(fired == 1 && (tid == -ENOMEM || tid == -EAGAIN) && ran == 0);
		return 1;
	}
	thread_join(&thread);
	CHECK(ran == 7);
	return fired == 1;
}

void test_main(const uint64_t *stack)
{
	struct state before, after;
	uint32_t n = 1;

	(void)stack;
	start_once(MOST_TRIES);
	before = state_now();
	while (n < MOST_TRIES && start_once(n))
		n++;
	CHECK(n > 3 && n < MOST_TRIES);
	after = state_now();
	CHECK(same_state(&before, &after));
}
