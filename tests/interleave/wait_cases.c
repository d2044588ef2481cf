/* SPDX-License-Identifier: BSD-2-Clause */
/* kernel/sched/wait: whoever waits for what has happened does not sleep on. */
#include "kernel/sched/wait.h"
#include "tests/interleave/cases.h"
#include "tests/interleave/machine.h"

static struct wait_queue queue;
static unsigned tickets, taken;

static void setup(void)
{
	wait_queue_init(&queue);
	tickets = taken = 0;
}

static bool take_ticket(void)
{
	unsigned now = __atomic_load_n(&tickets, __ATOMIC_SEQ_CST);

	while (now && !__atomic_compare_exchange_n(&tickets, &now, now - 1, false, __ATOMIC_SEQ_CST,
						   __ATOMIC_SEQ_CST))
		;
	return now != 0;
}

static void wait_for_ticket(void)
{
	MUST(wait_event(&queue, take_ticket(), TIME_NEVER, WAIT_KILLABLE) == WAIT_OK);
	MUST(thread_self()->state == THREAD_RUNNABLE);
	taken++;
}

static void give_ticket(void)
{
	__atomic_fetch_add(&tickets, 1, __ATOMIC_SEQ_CST);
	wait_wake_one(&queue);
}

/* CPU 0 gives, one at a time, what the others take. */
static void exclusive(unsigned cpu)
{
	if (cpu) {
		wait_for_ticket();
		/* It may have used up the wake that was meant for the next one. */
		if (READ_ONCE(tickets))
			wait_wake_one(&queue);
		return;
	}
	give_ticket();
	give_ticket();
}

/* CPU 0 gives both at once, and none of the others wakes the next. */
static void all(unsigned cpu)
{
	if (cpu) {
		wait_for_ticket();
		return;
	}
	__atomic_fetch_add(&tickets, 2, __ATOMIC_SEQ_CST);
	wait_wake_all(&queue);
}

static void check(void)
{
	MUST(taken == 2 && tickets == 0 && list_empty(&queue.waiters) && !queue.lock.held);
}

const struct scenario wait_one = {"wait one", 3, 2, setup, exclusive, check};
const struct scenario wait_all = {"wait all", 3, 2, setup, all, check};
