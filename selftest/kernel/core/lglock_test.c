/* SPDX-License-Identifier: BSD-2-Clause */
/* Who holds a local-global lock globally is alone with it. */
#include "kernel/core/lglock.h"
#include "kernel/core/time.h"
#include "selftest/selftest.h"
#include "selftest/workers.h"

#define HOLD_NS (2 * NS_PER_MS)

static struct lglock lock = LGLOCK_INIT(LOCK_LEAF_SPIN);
static uint32_t is_held, is_inside, is_tried, early;
static bool was_had, was_refused;

/* Spins: where it is called the other one runs on another CPU already. */
static void await(const uint32_t *flag)
{
	while (!__atomic_load_n(flag, __ATOMIC_ACQUIRE))
		cpu_relax();
}

/* Stays for a while after somebody has asked for all of it, then is not let in again. */
static void hold_locally(void *arg)
{
	(void)arg;
	was_had = lglock_try_local(&lock);
	__atomic_store_n(&is_held, 1, __ATOMIC_RELEASE);
	await(&lock.is_global);
	for (uint64_t until = time_now_ns() + HOLD_NS; time_now_ns() < until;)
		early += __atomic_load_n(&is_inside, __ATOMIC_ACQUIRE);
	lglock_leave();
	await(&is_inside);
	was_refused = !lglock_try_local(&lock);
	if (!was_refused)
		lglock_leave();
	__atomic_store_n(&is_tried, 1, __ATOMIC_RELEASE);
}

SELFTEST(M14, 22, global_holder_is_alone, .skip = "no-smp", .needs = M14)
{
	struct workers workers;

	if (cpu_count() == 1)
		SELFTEST_SKIP();
	is_held = is_inside = is_tried = early = 0;
	CHECK(workers_start_on(&workers, 1, hold_locally));
	workers_await(&is_held, 1);
	lglock_lock(&lock);
	bool held = lglock_held(&lock);
	__atomic_store_n(&is_inside, 1, __ATOMIC_RELEASE);
	await(&is_tried);
	lglock_unlock(&lock);
	workers_join(&workers);
	CHECK(was_had && early == 0 && held && was_refused);
	/* And afterwards it can be had again, by any number. */
	CHECK(!lglock_held(&lock) && lglock_try_local(&lock));
	lglock_leave();
	return true;
}
