/* SPDX-License-Identifier: BSD-2-Clause */
#include "kernel/core/time.h"

#include "kernel/lib/compiler.h"

#include "kernel/core/clock_internal.h"
#include "kernel/core/clock_page.h"
#include "kernel/core/log.h"
#include "kernel/x86/apic.h"

__ro_after_init struct time_scale time_scale;

/* Until there is a page that programs see. */
static struct clock_page boot_page;
static __ro_after_init struct clock_page *clock_page = &boot_page;
static __ro_after_init uint64_t lapic_hz;

static void time_set_scale(uint64_t tsc_hz)
{
	__extension__ typedef unsigned __int128 u128;

	time_scale.tsc_hz = tsc_hz;
	time_scale.mult = (uint64_t)(((u128)NS_PER_SEC << 32) / tsc_hz);
	time_scale.tsc_base = rdtsc();
}

void time_init(const struct time_hw *hw)
{
	struct clock_rates rates;

	clock_calibrate(hw, &rates);
	lapic_hz = rates.lapic_hz;
	clock_page->realtime_base_ns = clock_read_cmos() * NS_PER_SEC;
	time_set_scale(rates.tsc_hz);
	log_info("time", "counter %lu.%03lu MHz, local timer %lu.%03lu MHz by %s",
		 rates.tsc_hz / 1000000, rates.tsc_hz / 1000 % 1000, rates.lapic_hz / 1000000,
		 rates.lapic_hz / 1000 % 1000, rates.reference);
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
	WRITE_ONCE(clock_page->realtime_base_ns, now_ns - time_now_ns());
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
		.usable = counter_is_steady(),
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
