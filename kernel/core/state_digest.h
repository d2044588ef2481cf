/* SPDX-License-Identifier: BSD-2-Clause */
#pragma once
/*
 * Running counters of what the kernel has handed out. A test, or a call that was refused, leaves
 * every one of them as it was. Each module enters its own: STATE_COUNTER(frame_free_count);
 */
#include "kernel/lib/compiler.h"
#include "kernel/lib/types.h"

struct state_counter {
	const char *name;
	uint64_t (*read)(void);
};

/* @function_ takes nothing, returns a uint64_t and is resident. At file scope. */
#define STATE_COUNTER(function_)                                                              \
	static const struct state_counter state_##function_ __used __section(".state_digest") \
		__attribute__((aligned(16))) = {#function_, (function_)}

extern const struct state_counter state_digest_start[], state_digest_end[];

#define STATE_COUNTERS_MAX 16u

struct state_digest {
	uint64_t value[STATE_COUNTERS_MAX];
};

/** Read every counter. Context: thread; drain the caches first where frames are to be exact. */
void state_digest_take(struct state_digest *digest);

/** The first counter that differs, or NULL. */
const struct state_counter *state_digest_differs(const struct state_digest *a,
						 const struct state_digest *b);
