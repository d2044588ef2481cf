/* SPDX-License-Identifier: BSD-2-Clause */
#pragma once
/*
 * Waiting for another CPU has an end: what it is asked for it does within microseconds, so one that
 * is silent for PATIENCE_MS never answers again. A stretch in which the waiting CPU did not look
 * counts as one millisecond, however long it was: then the whole machine may have stood still.
 */
#include "kernel/lib/compiler.h"
#include "kernel/lib/types.h"

#include "kernel/x86/cpu.h"

#define PATIENCE_MS 10000u

/* Counter ticks of a millisecond; all ones while they are not known: nobody is given up then. */
extern uint64_t patience_tick;

struct patience {
	uint64_t looked; /* when the last millisecond that counted began */
	uint32_t waited_ms;
};

static inline struct patience patience_begin(void)
{
	return (struct patience){.looked = rdtsc()};
}

/**
 * Wait until the CPUs of @pending, which take their own bits out, have done @what; the end, if one
 * does not. Serves flushes meanwhile. Context: any.
 */
void cpus_await(const uint64_t *pending, const char *what);

/** To be called again and again while waiting. Context: any. */
static inline bool patience_over(struct patience *patience)
{
	uint64_t now = rdtsc();

	if (likely(now - patience->looked < patience_tick))
		return false;
	patience->looked = now;
	return ++patience->waited_ms > PATIENCE_MS;
}
