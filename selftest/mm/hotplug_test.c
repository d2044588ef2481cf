/* SPDX-License-Identifier: BSD-2-Clause */
/* A CPU goes and comes back: what was to run there runs elsewhere, and it is as well set up again.
 */
#include "kernel/core/cpu_call.h"
#include "kernel/core/time.h"
#include "kernel/sched/deadline.h"
#include "kernel/sched/runq.h"
#include "kernel/x86/cpu_verify.h"
#include "kernel/x86/cpus.h"
#include "kernel/x86/root.h"
#include "kernel/x86/tlb.h"
#include "mm/cpu_hotplug.h"
#include "mm/frame_internal.h"
#include "selftest/selftest.h"
#include "selftest/workers.h"

#define TIMER_NS    (50 * NS_PER_MS)
#define PATIENCE_NS (5 * NS_PER_SEC)
#define THREADS     2u /* one runs there, one waits */

static struct timer timer;
static uint32_t on_cpu[THREADS]; /* 1 + where each was last */
static uint32_t stop, fired_on;

static void note_cpu(struct timer *it)
{
	(void)it;
	__atomic_store_n(&fired_on, cpu_id() + 1, __ATOMIC_RELEASE);
}

/* Pinned to CPU 1, which has a timer of the first one's; says all the time where it is. */
static void stay(void *arg)
{
	uintptr_t index = (uintptr_t)arg;

	if (index == 0)
		timer_start(&timer, time_now_ns() + TIMER_NS);
	while (!READ_ONCE(stop)) {
		__atomic_store_n(&on_cpu[index], cpu_id() + 1, __ATOMIC_RELEASE);
		/* On a slow host it may go off before the CPU is away: once more. */
		if (index == 0 && __atomic_load_n(&fired_on, __ATOMIC_ACQUIRE) == 2) {
			fired_on = 0;
			timer_start(&timer, time_now_ns() + TIMER_NS);
		}
		thread_yield();
		preempt_point();
	}
}

static bool comes(const uint32_t *word, uint32_t wanted)
{
	uint64_t until = time_now_ns() + PATIENCE_NS;

	while (__atomic_load_n(word, __ATOMIC_ACQUIRE) != wanted && time_now_ns() < until)
		thread_yield();
	return READ_ONCE(*word) == wanted;
}

static bool both_come_to(unsigned cpu)
{
	return comes(&on_cpu[0], cpu + 1) && comes(&on_cpu[1], cpu + 1);
}

static bool start_on_1(struct workers *workers)
{
	struct cpu_set first = {.words = {BIT(1)}};

	on_cpu[0] = on_cpu[1] = stop = fired_on = 0;
	timer_init(&timer, note_cpu);
	return workers_start(workers, THREADS, stay) &&
	       thread_affinity_set(workers_thread(0), &first) &&
	       thread_affinity_set(workers_thread(1), &first) && both_come_to(1);
}

/* With CPU 1 away. */
static bool goes_on_without(void)
{
	uint64_t sent = tlb_interrupt_count();

	if (runqs[1]->waiting != 0 || runqs[1]->running != runqs[1]->idle ||
	    frame_caches[1].count != 0)
		return false;
	tlb_flush_root(&kernel_root);
	return tlb_interrupt_count() - sent == cpu_count() - 1 && both_come_to(0) &&
	       comes(&fired_on, 1);
}

static void verify(void *arg)
{
	const char **wrong = arg;

	*wrong = cpu_verify();
}

SELFTEST(M14, 10, a_cpu_goes_and_comes_back, .skip = "no-smp")
{
	struct workers workers;
	const char *wrong = "no answer";
	unsigned count = cpu_count();
	bool started, alone, back;

	if (count == 1)
		SELFTEST_SKIP();
	CHECK(cpu_offline(0) == ERR_BUSY && cpu_offline(CPUS_MAX) == ERR_NODEV);
	started = start_on_1(&workers);
	alone = cpu_offline(1) == OK && cpu_count() == count - 1 && goes_on_without();
	back = cpu_online(1) == OK && cpu_count() == count;
	__atomic_store_n(&stop, 1, __ATOMIC_RELEASE);
	workers_join(&workers);
	timer_cancel(&timer);
	CHECK(started && alone && back);
	cpu_call(BIT(1), verify, &wrong);
	CHECK(wrong == NULL);
	CHECK(sched_consistent());
	return true;
}

static struct deadline memory;

static void sleep_there(void *arg)
{
	(void)arg;
	thread_wait_flag(&stop);
}

/* The sleeping worker has a budget on CPU 1, the only one it may run on. */
static bool has_budget(bool has)
{
	static const struct deadline_budget budget = {NS_PER_MS, 10 * NS_PER_MS, 10 * NS_PER_MS};

	if (has)
		return thread_deadline_set(workers_thread(0), &memory, &budget);
	thread_realtime_set(workers_thread(0), 0, false);
	(void)timer_cancel(&memory.timer);
	return true;
}

SELFTEST(M14, 20, homes_of_budgets_stay, .skip = "no-smp")
{
	unsigned count = cpu_count();
	struct workers workers;

	if (count == 1)
		SELFTEST_SKIP();
	stop = 0;
	CHECK(workers_start_on(&workers, 1, sleep_there));
	while (READ_ONCE(workers_thread(0)->state) != THREAD_SLEEPING)
		thread_yield();
	deadline_init(&memory, workers_thread(0));
	bool stays = has_budget(true) && cpu_offline(1) == ERR_BUSY && cpu_count() == count;
	bool goes = has_budget(false) && cpu_offline(1) == OK && !has_budget(true);
	bool again = cpu_online(1) == OK && has_budget(true) && has_budget(false);

	__atomic_store_n(&stop, 1, __ATOMIC_SEQ_CST);
	thread_wake(workers_thread(0));
	workers_join(&workers);
	CHECK(stays && goes && again && sched_consistent());
	return true;
}
