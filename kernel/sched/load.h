/* SPDX-License-Identifier: BSD-2-Clause */
#pragma once
/*
 * Load averages: how many threads run or wait for a CPU, averaged over 1, 5 and 15 minutes with
 * weights that fade exponentially. One timer looks every five seconds, as Linux does.
 */
#include "kernel/lib/types.h"

#define LOAD_SHIFT 11u /* fixed point, as in sysinfo(2) less five bits */
#define LOAD_ONE   (1u << LOAD_SHIFT)
#define LOAD_TERMS 3u

/** Start to look. Context: boot, once, behind sched_init(). */
void load_init(void);

/** The averages over 1, 5 and 15 minutes. Context: any. */
void load_read(uint64_t loads[LOAD_TERMS]);

/** @load after one more look at @runnable threads; @term: 0, 1 or 2. Pure. */
uint64_t load_next(uint64_t load, unsigned term, uint64_t runnable);
