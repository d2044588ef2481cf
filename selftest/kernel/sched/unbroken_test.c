/* SPDX-License-Identifier: BSD-2-Clause */
/* CPU time without a sleep, of two real-time threads which give turns to each other. */
#include "kernel/core/time.h"
#include "kernel/sched/realtime.h"
#include "kernel/sched/wait.h"
#include "selftest/selftest.h"
#include "selftest/workers.h"

#define TURNS 5u

static bool goes_on[2], begins_anew[2];

/* What each had used stays counted while the other has the CPU. */
static bool turns_are_added(struct thread *self)
{
	uint64_t forced = self->forced_count;

	for (unsigned i = 0; i < TURNS; i++) {
		uint64_t before = thread_realtime_ns(self);

		thread_yield();
		if (thread_realtime_ns(self) < before)
			return false;
	}
	/* The other one may have gone to sleep before the last. */
	return self->forced_count - forced >= TURNS - 1;
}

/* One whose time has come before it slept, on a host that is busy, does not sleep. */
static void sleep_once(const struct thread *self)
{
	uint64_t sleeps = self->switch_count - self->forced_count;

	while (self->switch_count - self->forced_count == sleeps)
		(void)wait_until(time_now_ns() + NS_PER_MS, WAIT_KILLABLE);
}

static void use_and_sleep(void *arg)
{
	unsigned me = (unsigned)(uintptr_t)arg;
	struct thread *self = thread_self();
	uint64_t before;

	while (!READ_ONCE(self->own_realtime))
		thread_yield();
	goes_on[me] = turns_are_added(self) && thread_realtime_ns(self) > 0;
	before = thread_cpu_ns(self);
	sleep_once(self);
	begins_anew[me] = thread_realtime_ns(self) <= thread_cpu_ns(self) - before;
	thread_realtime_set(self, 0, false);
}

SELFTEST(M14, 19, unbroken_time_is_counted, .needs = M8)
{
	struct workers workers;

	CHECK(workers_start(&workers, 2, use_and_sleep));
	for (unsigned i = 0; i < 2; i++)
		thread_realtime_set(workers_thread(i), 20, false);
	workers_join(&workers);
	CHECK(goes_on[0] && goes_on[1]);
	CHECK(begins_anew[0] && begins_anew[1]);
	return true;
}
