/* SPDX-License-Identifier: BSD-2-Clause */
#pragma once
/*
 * The page from which ring 3 reads the clock: mapped read-only into every program ([vvar]), written
 * by the kernel alone. Standing alone, for the vDSO is compiled with it too.
 *
 * Only realtime_base_ns and zone change after boot, each a word of its own that is stored whole, so
 * a reader needs no sequence count. Nothing here is secret and nothing is a kernel address.
 */
#include "kernel/lib/types.h"

struct clock_page {
	uint64_t tsc_base;         /* counter when the monotonic clock was 0 */
	uint64_t mult;             /* nanoseconds = (ticks * mult) >> 32, in 128 bits */
	uint64_t realtime_base_ns; /* since 1970 when the monotonic clock was 0 */
	uint64_t zone;             /* struct timezone of settimeofday(2) */
	uint32_t usable;           /* the counter is steady; 0: ask the kernel */
	uint32_t cpu_in_aux;       /* RDTSCP tells the CPU's number */
};
static_assert(sizeof(struct clock_page) == 40, "the vDSO and its readers agree on it");
