/* SPDX-License-Identifier: BSD-2-Clause */
#include "kernel/sched/load.h"

#include "kernel/lib/compiler.h"

#include "kernel/core/time.h"
#include "kernel/sched/sched.h"

#define LOOK_NS (5 * NS_PER_SEC)

static uint64_t averages[LOAD_TERMS];
static struct timer look_timer;

uint64_t load_next(uint64_t load, unsigned term, uint64_t runnable)
{
	/* 2048 / e^(5 s / 1, 5, 15 min) */
	static const uint64_t fading[LOAD_TERMS] = {1884, 2014, 2037};
	uint64_t active = runnable << LOAD_SHIFT, keep = fading[term];
	uint64_t sum = load * keep + active * (LOAD_ONE - keep);

	/* Upwards it is rounded up, so that it arrives. */
	if (active >= load)
		sum += LOAD_ONE - 1;
	return sum >> LOAD_SHIFT;
}

static void look(struct timer *timer)
{
	uint64_t runnable = sched_runnable_count();

	for (unsigned term = 0; term < LOAD_TERMS; term++)
		WRITE_ONCE(averages[term], load_next(averages[term], term, runnable));
	timer_start(timer, time_now_ns() + LOOK_NS);
}

void load_init(void)
{
	timer_init(&look_timer, look);
	timer_start(&look_timer, time_now_ns() + LOOK_NS);
}

void load_read(uint64_t loads[LOAD_TERMS])
{
	for (unsigned term = 0; term < LOAD_TERMS; term++)
		loads[term] = READ_ONCE(averages[term]);
}
