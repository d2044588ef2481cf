/* SPDX-License-Identifier: BSD-2-Clause */
#pragma once
/* One CPU has others do something. */
#include "kernel/lib/types.h"

/**
 * Run @fn(@arg) on each CPU of @set, this one included if it is in it, and wait for all of them.
 * @fn runs with interrupts off; it takes locks of kind IRQ only and does not wait.
 * Context: thread, interrupts on, no spinlock held. CPUs that are not online are left out.
 */
void cpu_call(uint64_t set, void (*fn)(void *arg), void *arg);

/** Get CPU @id into the kernel, so that it looks at its work word and its run queue. Context: any.
 */
void cpu_kick(unsigned id);

/** Do now what other CPUs wait for. Context: interrupts off. */
void cpu_call_serve(void);

/** Answer the calls of other CPUs from now on. Context: boot, once, after irq_init(). */
void cpu_call_init(void);
