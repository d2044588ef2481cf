/* SPDX-License-Identifier: BSD-2-Clause */
#include "kernel/core/time.h"

#include "kernel/lib/bits.h"
#include "kernel/lib/compiler.h"

#include "kernel/core/clock_internal.h"
#include "kernel/core/clock_judge.h"
#include "kernel/core/clock_page.h"
#include "kernel/core/log.h"
#include "kernel/core/spinlock.h"
#include "kernel/core/timer_internal.h"
#include "kernel/x86/apic.h"
#include "kernel/x86/cpus.h"
#include "kernel/x86/patience.h"

__ro_after_init struct time_scale time_scale;

/* Until there is a page that programs see. */
static struct clock_page boot_page;
__ro_after_init struct clock_page *clock_page = &boot_page;
static __ro_after_init uint64_t lapic_hz;

struct clock_falls clock_falls;

static struct spinlock watch_lock = SPINLOCK_INIT(LOCK_TIME_WATCH);
static struct list_node watches = LIST_INIT(watches);

static void time_set_scale(uint64_t tsc_hz)
{
	__extension__ typedef unsigned __int128 u128;

	time_scale.tsc_hz = tsc_hz;
	patience_tick = tsc_hz / 1000;
	time_scale.mult = (uint64_t)(((u128)NS_PER_SEC << 32) / tsc_hz);
	time_scale.tsc_base = time_counter();
}

void time_init(const struct time_hw *hw)
{
	struct clock_rates rates;

	clock_calibrate(hw, &rates);
	lapic_hz = rates.lapic_hz;
	clock_page->realtime_base_ns = clock_read_cmos(hw->rtc_century) * NS_PER_SEC;
	time_set_scale(rates.tsc_hz);
	log_info("time", "counter %lu.%03lu MHz, local timer %lu.%03lu MHz by %s",
		 rates.tsc_hz / 1000000, rates.tsc_hz / 1000 % 1000, rates.lapic_hz / 1000000,
		 rates.lapic_hz / 1000 % 1000, rates.reference);
}

static uint64_t latest_reading(void)
{
	uint64_t latest = 0;

	for (unsigned id = 0; id < CPUS_MAX; id++)
		if (cpu_at(id))
			latest = MAX(latest, READ_ONCE(cpu_at(id)->tsc_seen));
	return latest;
}

/* Ring 3 reads the counter itself no more. */
static void note_fall(void)
{
	WRITE_ONCE(clock_page->usable, 0);
	__atomic_fetch_add(&clock_falls.count, 1, __ATOMIC_RELAXED);
}

/* An interrupt between a reading and its look at the last one is no fall. Nothing is logged here,
 * where any lock may be held. */
uint64_t time_counter_fell(void)
{
	uint64_t flags = irq_save();
	struct cpu *cpu = cpu_self();
	uint64_t now = rdtsc() + cpu->tsc_add;

	if (now < cpu->tsc_seen) {
		uint64_t latest = latest_reading();

		cpu->tsc_add += latest - now;
		now = latest;
		note_fall();
	}
	cpu->tsc_seen = now;
	irq_restore(flags);
	return now;
}

void time_follow(uint64_t latest)
{
	uint64_t flags = irq_save();
	struct cpu *cpu = cpu_self();
	uint64_t now = time_counter();

	if (clock_is_behind(now, latest, time_scale.tsc_hz)) {
		cpu->tsc_add += latest - now;
		cpu->tsc_seen = latest;
		note_fall();
	}
	irq_restore(flags);
}

void time_report_falls(void)
{
	uint32_t now = READ_ONCE(clock_falls.count);

	if (likely(now == READ_ONCE(clock_falls.reported)))
		return;
	WRITE_ONCE(clock_falls.reported, now);
	log_err("time",
		"a CPU's counter went back, or another's ahead (%u times so far): time went on "
		"from the latest reading",
		now);
}

uint64_t clock_lapic_hz(void)
{
	return lapic_hz;
}

uint64_t time_realtime_ns(void)
{
	return READ_ONCE(clock_page->realtime_base_ns) + time_now_ns();
}

void time_realtime_set(uint64_t now_ns)
{
	uint64_t flags = spin_lock_irqsave(&watch_lock);

	WRITE_ONCE(clock_page->realtime_base_ns, now_ns - time_now_ns());
	list_for_each_safe(node, following, &watches)
	{
		struct time_watch *watch = list_entry(node, struct time_watch, link);

		watch->stepped(watch);
	}
	spin_unlock_irqrestore(&watch_lock, flags);
}

void time_watch_add(struct time_watch *watch)
{
	uint64_t flags = spin_lock_irqsave(&watch_lock);

	list_add_tail(&watches, &watch->link);
	spin_unlock_irqrestore(&watch_lock, flags);
}

void time_watch_remove(struct time_watch *watch)
{
	uint64_t flags = spin_lock_irqsave(&watch_lock);

	list_remove(&watch->link);
	spin_unlock_irqrestore(&watch_lock, flags);
}

uint64_t time_of_realtime(uint64_t realtime_ns)
{
	uint64_t base = READ_ONCE(clock_page->realtime_base_ns);

	return realtime_ns > base ? realtime_ns - base : 1;
}

uint64_t time_zone(void)
{
	return READ_ONCE(clock_page->zone);
}

void time_zone_set(uint64_t zone)
{
	WRITE_ONCE(clock_page->zone, zone);
}

/* A counter that stops or changes its rate is no worse for the kernel, which has no other clock,
 * but then there shall be one place that reads it. */
static bool counter_is_steady(void)
{
	return cpu_has(CPU_INVARIANT_TSC) || cpu_has(CPU_HYPERVISOR);
}

void time_share(struct clock_page *page)
{
	*page = (struct clock_page){
		.tsc_base = time_scale.tsc_base,
		.mult = time_scale.mult,
		.realtime_base_ns = clock_page->realtime_base_ns,
		.usable = counter_is_steady() && !clock_falls.count,
		.cpu_in_aux = cpu_has(CPU_RDTSCP),
	};
	clock_page = page;
}

void time_delay_ns(uint64_t ns)
{
	uint64_t end = time_now_ns() + ns;

	while (time_now_ns() < end)
		cpu_relax();
}
