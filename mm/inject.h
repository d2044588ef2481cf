/* SPDX-License-Identifier: BSD-2-Clause */
#pragma once
/*
 * The allocation-failure injector of the selftests (P-M9-13): allocation number n of the current
 * thread from now on fails, once. Frames and slab objects count alike.
 */
#include "kernel/lib/compiler.h"
#include "kernel/lib/types.h"

extern uint64_t inject_countdown; /* 0: off */

/** Arm for allocation number @n from now (1: the next one); 0 disarms. */
void inject_arm(uint64_t n);
/** Whether the armed allocation has failed. */
bool inject_fired(void);
/** Allocations asked for since inject_arm(). */
uint64_t inject_seen(void);

bool inject_step(void);

/* Asked by the allocators; true: fail this one. */
static inline bool inject_fails(void)
{
	return unlikely(inject_countdown) && inject_step();
}
