/* SPDX-License-Identifier: BSD-2-Clause */
#include "kernel/lib/bits.h"

#include "kernel/core/clock_internal.h"
#include "kernel/x86/apic.h"
#include "kernel/x86/io.h"

#define CALIBRATE_ROUNDS 3u
#define CALIBRATE_MS     10u

#define PM_TIMER_HZ 3579545u
#define PIT_HZ      1193182u

#define PIT_CHANNEL2 0x42
#define PIT_COMMAND  0x43
#define PIT_GATE     0x61

/* A reference that stands still must not hang the boot: a round ends after this many reads. */
#define READ_LIMIT 50000000u

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

/* One round; returns its uncertainty, ~0 when the reference does not move. */
static uint64_t clock_round(const struct clock_reference *reference, struct clock_rates *rates)
{
	uint32_t wanted = reference->hz / 1000 * CALIBRATE_MS;
	uint32_t elapsed = 0;
	uint32_t reads = 0;
	uint32_t lapic_left;

	if (lapic_present())
		lapic_timer_start(0xffffffff);
	struct clock_sample start = clock_sample_take(reference);
	struct clock_sample end = start;

	while (elapsed < wanted && reads++ < READ_LIMIT) {
		end = clock_sample_take(reference);
		elapsed = clock_elapsed(reference, start.reference, end.reference);
	}
	lapic_left = lapic_present() ? lapic_timer_left() : 0xffffffff;
	if (lapic_present())
		lapic_timer_stop();
	if (elapsed < wanted)
		return ~0ull;
	rates->tsc_hz = (end.tsc - start.tsc) * reference->hz / elapsed;
	rates->lapic_hz = (uint64_t)(0xffffffff - lapic_left) * reference->hz / elapsed;
	return start.uncertainty + end.uncertainty;
}

/* Within 0.2 % of a round 1 GHz it is the emulator's exact 1 GHz. */
static uint64_t clock_snap(uint64_t hz)
{
	return hz > 998000000 && hz < 1002000000 ? 1000000000 : hz;
}

static bool clock_measure(const struct clock_reference *reference, struct clock_rates *rates)
{
	uint64_t best = ~0ull;

	reference->start();
	for (unsigned i = 0; i < CALIBRATE_ROUNDS; i++) {
		struct clock_rates round;
		uint64_t uncertainty = clock_round(reference, &round);

		if (uncertainty == ~0ull)
			return false;
		if (uncertainty < best) {
			best = uncertainty;
			rates->tsc_hz = clock_snap(round.tsc_hz);
			rates->lapic_hz = clock_snap(round.lapic_hz);
		}
	}
	rates->reference = reference->name;
	return rates->tsc_hz != 0;
}

void clock_calibrate(const struct time_hw *hw, struct clock_rates *rates)
{
	const struct clock_reference pm = {
		.name = "PM timer",
		.hz = PM_TIMER_HZ,
		.mask = hw->pm_timer_32bit ? 0xffffffff : 0xffffff,
		.port = hw->pm_timer_port,
		.read = pm_read,
		.start = pm_start,
	};
	const struct clock_reference pit = {
		.name = "PIT",
		.hz = PIT_HZ,
		.mask = 0xffff,
		.counts_down = true,
		.read = pit_read,
		.start = pit_start,
	};

	if (hw->pm_timer_port && clock_measure(&pm, rates))
		return;
	if (clock_measure(&pit, rates))
		return;
	/* Neither answers: time runs at a guess rather than not at all. */
	rates->tsc_hz = 1000000000;
	rates->lapic_hz = 1000000000;
	rates->reference = "a guess (no reference clock answers)";
}
