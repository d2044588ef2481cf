/* SPDX-License-Identifier: BSD-2-Clause */
#include "kernel/lib/bits.h"

#include "kernel/core/clock_internal.h"
#include "kernel/core/clock_judge.h"
#include "kernel/core/log.h"
#include "kernel/x86/apic.h"
#include "kernel/x86/io.h"

#define CALIBRATE_MS 10u
#define GUESS_HZ     1000000000u

#define PM_TIMER_HZ 3579545u
#define PIT_HZ      1193182u

#define PIT_CHANNEL2 0x42
#define PIT_COMMAND  0x43
#define PIT_GATE     0x61

/* No reference hangs the boot: a round ends after so many reads, each a microsecond on hardware,
 * and sooner when they are all the same. */
#define READS_MAX       2000000u
#define READS_STILL_MAX 50000u

/* One reading of the reference between two of the counter. */
struct clock_sample {
	uint64_t tsc;
	uint64_t uncertainty; /* counter ticks that the reading took */
	uint32_t reference;
};

struct clock_reference {
	const char *name;
	uint32_t hz;
	uint32_t mask;
	bool counts_down;
	uint16_t port;
	uint32_t (*read)(const struct clock_reference *self);
	void (*start)(void);
};

static uint32_t pm_read(const struct clock_reference *self)
{
	return inl(self->port);
}

static void pm_start(void)
{
}

static uint32_t pit_read(const struct clock_reference *self)
{
	(void)self;
	outb(PIT_COMMAND, 0x80); /* latch channel 2 */
	uint32_t low = inb(PIT_CHANNEL2);

	return low | (uint32_t)inb(PIT_CHANNEL2) << 8;
}

/* Channel 2 counts down from 65536 in mode 2, gate open, speaker off. */
static void pit_start(void)
{
	outb(PIT_GATE, (uint8_t)((inb(PIT_GATE) & ~0x02u) | 0x01u));
	outb(PIT_COMMAND, 0xb4);
	outb(PIT_CHANNEL2, 0);
	outb(PIT_CHANNEL2, 0);
}

static struct clock_sample clock_sample_take(const struct clock_reference *reference)
{
	struct clock_sample sample;
	uint64_t before = rdtsc();

	sample.reference = reference->read(reference);
	sample.tsc = rdtsc();
	sample.uncertainty = sample.tsc - before;
	return sample;
}

static uint32_t clock_elapsed(const struct clock_reference *reference, uint32_t from, uint32_t to)
{
	return (reference->counts_down ? from - to : to - from) & reference->mask;
}

/* Reads until @wanted reference ticks are over; false when they never are. */
static bool clock_wait(const struct clock_reference *reference, const struct clock_sample *start,
		       struct clock_sample *end, uint32_t wanted)
{
	uint32_t still = 0, before = 0, elapsed = 0;

	for (uint32_t reads = 0; reads < READS_MAX && still < READS_STILL_MAX; reads++) {
		*end = clock_sample_take(reference);
		elapsed = clock_elapsed(reference, start->reference, end->reference);
		if (elapsed >= wanted)
			return true;
		still = elapsed == before ? still + 1 : 0;
		before = elapsed;
	}
	return false;
}

static void clock_round_take(const struct clock_reference *reference, struct clock_round *round)
{
	uint32_t wanted = reference->hz / 1000 * CALIBRATE_MS;
	struct clock_sample end = {0};

	if (lapic_present())
		lapic_timer_start(0xffffffff);
	struct clock_sample start = clock_sample_take(reference);
	bool done = clock_wait(reference, &start, &end, wanted);

	*round = (struct clock_round){
		.tsc_start = start.tsc,
		.tsc_end = end.tsc,
		.uncertainty = start.uncertainty + end.uncertainty,
		.elapsed = done ? clock_elapsed(reference, start.reference, end.reference) : 0,
		.lapic_ticks = lapic_present() ? 0xffffffff - lapic_timer_left() : 0,
	};
	if (lapic_present())
		lapic_timer_stop();
}

/* Within 0.2 % of a round 1 GHz it is the emulator's exact 1 GHz. */
static uint64_t clock_snap(uint64_t hz)
{
	return hz > 998000000 && hz < 1002000000 ? 1000000000 : hz;
}

/* Rounds until two agree; none for a reference that does not move. Rates of 0: it is no good. */
static struct clock_found clock_measure(const struct clock_reference *reference)
{
	struct clock_round rounds[CLOCK_ROUNDS_MAX];
	struct clock_found found = {0};
	const char *wrong = NULL;

	reference->start();
	for (unsigned count = 1; count <= CLOCK_ROUNDS_MAX; count++) {
		clock_round_take(reference, &rounds[count - 1]);
		wrong = clock_judge(rounds, count, reference->hz, &found);
		if (!rounds[count - 1].elapsed || (!wrong && count >= CLOCK_ROUNDS_MIN))
			break;
	}
	if (wrong)
		log_warn("time", "the %s is not used: %s", reference->name, wrong);
	found.tsc_hz = clock_snap(found.tsc_hz);
	found.lapic_hz = clock_snap(found.lapic_hz);
	return found;
}

static struct clock_found clock_measure_pm(const struct time_hw *hw)
{
	const struct clock_reference pm = {
		.name = "PM timer",
		.hz = PM_TIMER_HZ,
		.mask = hw->pm_timer_32bit ? 0xffffffff : 0xffffff,
		.port = hw->pm_timer_port,
		.read = pm_read,
		.start = pm_start,
	};

	return hw->pm_timer_port ? clock_measure(&pm) : (struct clock_found){0};
}

static struct clock_found clock_measure_pit(void)
{
	const struct clock_reference pit = {
		.name = "PIT",
		.hz = PIT_HZ,
		.mask = 0xffff,
		.counts_down = true,
		.read = pit_read,
		.start = pit_start,
	};

	return clock_measure(&pit);
}

static uint64_t clock_by_cpuid(void)
{
	struct cpuid_regs crystal = cpuid(0x15, 0), base = cpuid(0x16, 0);
	const struct clock_cpuid words = {crystal.eax, crystal.ebx, crystal.ecx, base.eax & 0xffff};

	return clock_cpuid_hz(&words);
}

static void clock_take(struct clock_rates *rates, const struct clock_found *found,
		       const char *reference)
{
	*rates = (struct clock_rates){found->tsc_hz, found->lapic_hz, reference};
	if (lapic_present() && !rates->lapic_hz)
		log_err("time", "the local timer does not count by the %s", reference);
	/* Too much rather than too little: what comes too soon is waited for again. */
	if (!rates->lapic_hz)
		rates->lapic_hz = GUESS_HZ;
}

/* The second reference is asked only when the first is alone with what it says. */
void clock_calibrate(const struct time_hw *hw, struct clock_rates *rates)
{
	struct clock_found pm = clock_measure_pm(hw), pit = {0};
	uint64_t by_cpuid = clock_by_cpuid();

	if (!clock_rates_agree(pm.tsc_hz, by_cpuid))
		pit = clock_measure_pit();
	if (pm.tsc_hz && pit.tsc_hz && !clock_rates_agree(pm.tsc_hz, pit.tsc_hz))
		log_warn("time", "PM timer and PIT disagree: %lu and %lu kHz", pm.tsc_hz / 1000,
			 pit.tsc_hz / 1000);
	switch (clock_choose(pm.tsc_hz, pit.tsc_hz, by_cpuid)) {
	case CLOCK_FIRST:
		clock_take(rates, &pm, "PM timer");
		break;
	case CLOCK_SECOND:
		clock_take(rates, &pit, "PIT");
		break;
	case CLOCK_CPUID:
		clock_take(rates, &(struct clock_found){by_cpuid, by_cpuid}, "CPUID");
		break;
	case CLOCK_GUESS:
		/* Time runs at a guess rather than not at all. */
		clock_take(rates, &(struct clock_found){GUESS_HZ, GUESS_HZ},
			   "a guess (no reference clock answers)");
		break;
	}
}
