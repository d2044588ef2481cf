/* SPDX-License-Identifier: BSD-2-Clause */
/* What a CPU sees of the clocks of another one when its own timer fires. */
#include "kernel/core/clock_internal.h"
#include "kernel/core/clock_page.h"
#include "kernel/core/timer_internal.h"
#include "kernel/sched/sched.h"
#include "kernel/sched/wait.h"
#include "kernel/x86/apic.h"
#include "kernel/x86/cpus.h"
#include "selftest/selftest.h"
#include "selftest/workers.h"

#define NOT_THERE 63u
#define PATIENCE  (5 * NS_PER_SEC)

/* This CPU's timer fires beside one that has shown @seen. Context: no other CPU, interrupts off. */
static void fire_beside(uint64_t seen)
{
	static struct cpu other;

	other.tsc_seen = seen;
	cpu_table[NOT_THERE] = &other;
	__atomic_fetch_or(&cpus_online, BIT(NOT_THERE), __ATOMIC_RELAXED);
	(void)timer_interrupt(NULL);
	__atomic_fetch_and(&cpus_online, ~BIT(NOT_THERE), __ATOMIC_RELAXED);
	cpu_table[NOT_THERE] = NULL;
}

/* Less than counters are apart changes nothing. */
static bool stays_beside(uint64_t seen)
{
	uint64_t flags = irq_save();
	uint64_t add = cpu_self()->tsc_add;

	time_follow(seen);
	bool stays = cpu_self()->tsc_add == add;
	irq_restore(flags);
	return stays;
}

/* Time goes on from what another CPU has shown, and ring 3 asks the kernel from now on. */
static bool goes_on_from_far(void)
{
	struct cpu *cpu = cpu_self();
	struct clock_falls falls = clock_falls;
	uint32_t usable = clock_page->usable;
	uint64_t flags = irq_save();
	uint64_t add = cpu->tsc_add, far = time_counter() + time_scale.tsc_hz;

	fire_beside(far);
	uint64_t after = time_counter();
	uint32_t found = clock_falls.count - falls.count, told = clock_page->usable;

	cpu->tsc_add = add;
	cpu->tsc_seen = 0;
	clock_falls = falls;
	clock_page->usable = usable;
	(void)timer_interrupt(NULL); /* what it waits for is as far away again */
	irq_restore(flags);
	CHECK(after >= far && found == 1 && !told);
	return true;
}

SELFTEST(M14, 9, counters_follow_the_latest, .needs = M8)
{
	CHECK(stays_beside(0) && stays_beside(time_counter() + time_scale.tsc_hz / 100000));
	/* Real CPUs would ask the one that is made up. */
	CHECK(cpu_count() > 1 || goes_on_from_far());
	return true;
}

static struct timer lost, tick;
static uint32_t came, is_lost;
static volatile bool ticked;

static void note_lost(struct timer *timer)
{
	(void)timer;
	__atomic_store_n(&came, 1, __ATOMIC_SEQ_CST);
	thread_wake(workers_thread(0));
}

static void note_tick(struct timer *timer)
{
	(void)timer;
	ticked = true;
}

/* Sleeps for a timer whose interrupt does not come. */
static void lose_a_timer(void *arg)
{
	uint64_t flags = irq_save();

	(void)arg;
	timer_start(&lost, time_now_ns() + NS_PER_MS);
	lapic_timer_stop();
	irq_restore(flags);
	__atomic_store_n(&is_lost, 1, __ATOMIC_RELEASE);
	thread_wait_flag(&came);
}

/* A timer of this CPU fires. */
static void tick_once(void)
{
	ticked = false;
	timer_start(&tick, time_now_ns() + NS_PER_MS);
	while (!ticked)
		cpu_relax();
}

SELFTEST(M14, 9, lost_interrupts_of_sleeping_cpus, .skip = "no-smp")
{
	struct workers workers;

	if (cpu_count() == 1)
		SELFTEST_SKIP();
	came = is_lost = 0;
	timer_init(&lost, note_lost);
	timer_init(&tick, note_tick);
	CHECK(workers_start_on(&workers, cpu_id() ? 0 : 1, lose_a_timer));
	while (!__atomic_load_n(&is_lost, __ATOMIC_ACQUIRE))
		cpu_relax();
	uint64_t end = time_now_ns() + PATIENCE;
	while (!READ_ONCE(came) && time_now_ns() < end)
		tick_once();
	bool mended = READ_ONCE(came);
	if (!mended)
		note_lost(&lost);
	workers_join(&workers);
	timer_cancel(&lost);
	CHECK(mended);
	return true;
}
