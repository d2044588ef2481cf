/* SPDX-License-Identifier: BSD-2-Clause */
#include "kernel/core/backtrace.h"

#include "kernel/lib/bits.h"

#include "kernel/x86/layout.h"

/* No kernel stack is larger. */
#define STACK_REACH KIB(32)

static bool backtrace_step_ok(uint64_t rbp, uint64_t start)
{
	return rbp >= KERNEL_HALF_START && is_aligned(rbp, 8) && rbp >= start &&
	       rbp - start < STACK_REACH;
}

unsigned backtrace_collect(uint64_t rbp, uint64_t *out, unsigned max)
{
	uint64_t start = rbp;
	unsigned count = 0;

	while (count < max && backtrace_step_ok(rbp, start)) {
		const uint64_t *frame = (const uint64_t *)rbp;

		if (frame[1] < KERNEL_HALF_START)
			break;
		out[count++] = frame[1];
		if (frame[0] <= rbp)
			break;
		rbp = frame[0];
	}
	return count;
}
