/* SPDX-License-Identifier: BSD-2-Clause */
#include "kernel/sched/weight.h"

#include "kernel/lib/bits.h"

#include "kernel/sched/sched.h"
#include "kernel/sched/thread.h"

#define NICE_BEST (-20)

/* 1024 / 1.25^nice, in Linux's rounding. */
static const uint32_t weights[] = {
	88761, 71755, 56483, 46273, 36291, 29154, 23254, 18705, 14949, 11916, /* -20 */
	9548,  7620,  6100,  4904,  3906,  3121,  2501,  1991,  1586,  1277,  /* -10 */
	1024,  820,   655,   526,   423,   335,   272,   215,   172,   137,   /* 0 */
	110,   87,    70,    56,    45,    36,    29,    23,    18,    15,    /* 10 */
};

uint32_t weight_of_nice(int32_t nice)
{
	ASSERT(nice >= NICE_BEST && (size_t)(nice - NICE_BEST) < ARRAY_SIZE(weights));
	return weights[nice - NICE_BEST];
}

void thread_weight_set(struct thread *thread, uint32_t weight, bool batch)
{
	uint32_t pace = (WEIGHT_NORMAL << PACE_SHIFT) / weight;

	WRITE_ONCE(thread->weight, weight);
	WRITE_ONCE(thread->pace, pace);
	/* Who weighs little has shorter turns, so that one does not throw it behind all time. */
	WRITE_ONCE(thread->slice_pace, (uint8_t)MAX(1, MIN(pace / PACE_NORMAL, SCHED_SLICE_PARTS)));
	WRITE_ONCE(thread->is_batch, batch);
}
