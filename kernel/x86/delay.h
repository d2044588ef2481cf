/* SPDX-License-Identifier: BSD-2-Clause */
#pragma once
/*
 * DEBUG builds: now and then a CPU dawdles where it takes or releases a lock or lets interrupts in,
 * so that others get in between. Which places is drawn from a seed: the same seed draws the same on
 * each CPU.
 */
#include "kernel/lib/types.h"

/** Dawdle or not. Context: any, %gs is set. */
void delay_here(void);

/** From now on, by @seed; 0: not any more. */
void delay_seed(uint64_t seed);
