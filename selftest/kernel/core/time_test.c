/* SPDX-License-Identifier: BSD-2-Clause */
#include "kernel/lib/compiler.h"

#include "kernel/core/clock_internal.h"
#include "kernel/core/clock_page.h"
#include "kernel/core/time.h"
#include "kernel/sched/sched.h"
#include "kernel/x86/apic.h"
#include "kernel/x86/cpu.h"
#include "kernel/x86/percpu.h"
#include "selftest/selftest.h"
#include "selftest/workers.h"

#define TIMERS 6

/* When each timer fired, in which order. */
static struct probe {
	struct timer timer;
	uint64_t fired_ns;
	unsigned order;
} probes[TIMERS];
static volatile unsigned fired;

static void note_fire(struct timer *timer)
{
	struct probe *probe = container_of(timer, struct probe, timer);

	probe->fired_ns = time_now_ns();
	probe->order = ++fired;
}

static bool wait_for(unsigned count, uint64_t limit_ns)
{
	uint64_t end = time_now_ns() + limit_ns;

	while (fired < count && time_now_ns() < end)
		cpu_relax();
	return fired >= count;
}

static void start_probe(unsigned i, uint64_t deadline_ns)
{
	timer_init(&probes[i].timer, note_fire);
	timer_start(&probes[i].timer, deadline_ns);
}

static bool fire_in_order(void)
{
	/* Started out of order, two with the same deadline, one close behind them. */
	static const unsigned after_us[TIMERS] = {900, 300, 320, 300, 1200, 100};
	static const unsigned order[TIMERS] = {5, 2, 4, 3, 6, 1};
	/* Interrupts stay off until all are started: a stalled virtual CPU may be late for the
	 * first. */
	uint64_t flags = irq_save();
	uint64_t start = time_now_ns(), count = sched_timer_count();

	fired = 0;
	for (unsigned i = 0; i < TIMERS; i++)
		start_probe(i, start + after_us[i] * NS_PER_US);
	uint64_t running = sched_timer_count();
	irq_restore(flags);
	CHECK(running == count + TIMERS);
	CHECK(wait_for(TIMERS, 30 * NS_PER_SEC));
	for (unsigned i = 0; i < TIMERS; i++) {
		CHECK(probes[i].order == order[i]);
		CHECK(probes[i].fired_ns >= start + after_us[i] * NS_PER_US); /* never early */
	}
	CHECK(sched_timer_count() <= count);
	return true;
}

/* Several times: what comes late by the host's doing hides what is early. */
SELFTEST(M14, 9, timers_fire_in_order, .needs = M8)
{
	for (unsigned round = 0; round < 10; round++)
		if (!fire_in_order())
			return false;
	return true;
}

SELFTEST(M14, 9, timers_cancel_and_move, .needs = M8)
{
	uint64_t count = sched_timer_count();

	fired = 0;
	uint64_t flags = irq_save();
	uint64_t start = time_now_ns();
	start_probe(0, start + NS_PER_MS);
	start_probe(1, start + 2 * NS_PER_MS);
	start_probe(2, start + 60 * NS_PER_SEC);
	bool stopped = timer_cancel(&probes[0].timer), again = timer_cancel(&probes[0].timer);
	timer_start(&probes[2].timer, start + 3 * NS_PER_MS);
	irq_restore(flags);
	CHECK(wait_for(2, 30 * NS_PER_SEC));
	CHECK(stopped && !again);
	CHECK(probes[1].order == 1 && probes[2].order == 2);
	CHECK(!timer_cancel(&probes[1].timer)); /* has fired */
	CHECK(sched_timer_count() <= count);
	return true;
}

/* The same moment as clocks of all kinds hold it, and what is no time. */
#define SLOW_ROUNDS 300000u

static struct timer slow_timer;
static uint32_t slow_begun, slow_cancelled, slow_done;

static void fire_slowly(struct timer *timer)
{
	(void)timer;
	WRITE_ONCE(slow_begun, 1);
	while (!READ_ONCE(slow_cancelled))
		cpu_relax();
	for (unsigned i = 0; i < SLOW_ROUNDS; i++)
		cpu_relax();
	WRITE_ONCE(slow_done, 1);
}

static void start_slowly(void *arg)
{
	(void)arg;
	timer_start(&slow_timer, time_now_ns());
}

/* Who has cancelled it may free what it was about. */
SELFTEST(M14, 9, cancelling_waits_for_the_other_cpu, .skip = "no-smp")
{
	struct workers workers;
	bool armed, done;

	slow_begun = slow_cancelled = slow_done = 0;
	timer_init(&slow_timer, fire_slowly);
	if (!workers_start_on(&workers, 1, start_slowly))
		SELFTEST_SKIP();
	workers_await(&slow_begun, 1);
	WRITE_ONCE(slow_cancelled, 1);
	armed = timer_cancel(&slow_timer);
	done = READ_ONCE(slow_done);
	workers_join(&workers);
	CHECK(!armed && done);
	return true;
}

SELFTEST(M14, 9, cmos_clocks_are_understood)
{
	enum { BCD_24H = 2, BINARY_24H = 6, BCD_12H = 0, BINARY_12H = 4 };
	static const struct {
		struct cmos_time raw;
		uint8_t control;
		uint64_t want;
	} rows[] = {
		{{0x58, 0x59, 0x23, 0x31, 0x12, 0x24, 0x20}, BCD_24H, 1735689598},
		{{58, 59, 23, 31, 12, 24, 20}, BINARY_24H, 1735689598},
		{{0x58, 0x59, 0x91, 0x31, 0x12, 0x24, 0x20}, BCD_12H, 1735689598},
		{{58, 59, 0x8b, 31, 12, 24, 20}, BINARY_12H, 1735689598},
		{{0x00, 0x00, 0x12, 0x01, 0x01, 0x25, 0x20}, BCD_12H, 1735689600},
		{{0x00, 0x00, 0x92, 0x01, 0x01, 0x25, 0x20}, BCD_12H, 1735732800},
		{{0x00, 0x00, 0x00, 0x29, 0x02, 0x28, 0x00}, BCD_24H, 1835395200},
		{{0x00, 0x00, 0x00, 0x01, 0x03, 0x00, 0x21}, BCD_24H, 4107542400},
		{{0x00, 0x00, 0x00, 0x01, 0x01, 0x25, 0xff}, BCD_24H, 1735689600},
		{{0x5a, 0x59, 0x23, 0x31, 0x12, 0x24, 0x20}, BCD_24H, 0},
		{{0x00, 0x60, 0x23, 0x31, 0x12, 0x24, 0x20}, BCD_24H, 0},
		{{0x00, 0x00, 0x24, 0x31, 0x12, 0x24, 0x20}, BCD_24H, 0},
		{{0x00, 0x00, 0x00, 0x00, 0x12, 0x24, 0x20}, BCD_24H, 0},
		{{0x00, 0x00, 0x00, 0x01, 0x13, 0x24, 0x20}, BCD_24H, 0},
		{{0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff}, BCD_24H, 0},
	};

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++)
		CHECK(clock_decode_cmos(&rows[i].raw, rows[i].control) == rows[i].want);
	return true;
}

SELFTEST(M14, 9, time_is_monotonic, .needs = M8)
{
	uint64_t last = time_now_ns();

	for (unsigned i = 0; i < 2000; i++) {
		uint64_t now = time_now_ns();

		CHECK(now >= last);
		last = now;
	}
	CHECK(time_scale.tsc_hz > 100000000 && clock_lapic_hz() > 1000000);
	CHECK(clock_days(1970, 1, 1) == 0 && clock_days(2000, 3, 1) == 11017);
	CHECK(clock_days(2024, 2, 29) + 1 == clock_days(2024, 3, 1));
	return true;
}

static uint64_t wait_one(void)
{
	(void)wait_for(1, 30 * NS_PER_SEC);
	return fired == 1 ? probes[0].fired_ns : 0;
}

/* As if it had been set back a second, or by half of what it shows so early after a reset, with a
 * timer running: nobody's time goes back, the timer is neither early nor a second late, and ring 3
 * asks the kernel from now on. */
SELFTEST(M14, 9, counter_may_go_back, .needs = M8)
{
	struct cpu *cpu = cpu_self();
	struct clock_falls falls = clock_falls;
	uint32_t usable = clock_page->usable;
	uint64_t flags = irq_save();
	uint64_t add = cpu->tsc_add, before = time_now_ns(), deadline = before + 2 * NS_PER_MS;
	uint64_t back = MIN(time_scale.tsc_hz, time_counter() / 2);

	fired = 0;
	start_probe(0, deadline);
	cpu->tsc_add -= back;
	uint64_t after = time_now_ns();
	uint32_t found = clock_falls.count - falls.count, told = clock_page->usable;

	clock_falls = falls;
	irq_restore(flags);
	uint64_t at = wait_one();
	bool goes_on = time_now_ns() > after && cpu->tsc_add != add - back;

	clock_page->usable = usable;
	cpu->tsc_add = add;
	CHECK(after >= before && goes_on);
	CHECK(found == 1 && !told);
	CHECK(at >= deadline && at - before < NS_PER_SEC / 2);
	return true;
}

/* The next timer that is started finds out, wherever it stands in the queue. */
SELFTEST(M14, 9, lost_interrupts_lose_no_timer, .needs = M8)
{
	uint64_t flags = irq_save();

	fired = 0;
	start_probe(0, time_now_ns() + NS_PER_MS);
	lapic_timer_stop();
	time_delay_ns(30 * NS_PER_MS);
	start_probe(1, time_now_ns() + NS_PER_MS);
	irq_restore(flags);
	bool both = wait_for(2, 5 * NS_PER_SEC) && probes[0].order == 1 && probes[1].order == 2;

	/* Earlier than all: whatever came of it, the hardware runs again for the others. */
	start_probe(2, 1);
	CHECK(wait_for(3, 5 * NS_PER_SEC));
	CHECK(both);
	return true;
}
