/* SPDX-License-Identifier: BSD-2-Clause */
#pragma once
/*
 * Shoot-downs: after the return no CPU uses the old translation any more. Called after the table
 * changed and before the frame is reused. A root that no CPU holds costs nothing: loading CR3
 * flushes what is not global. An idle CPU holds no user root, so it is left alone.
 *
 * Context: thread, spinlocks may be held, interrupts on or off: who waits for others, here or for
 * a spinlock, serves them meanwhile.
 */
#include "kernel/lib/types.h"

struct root;

/* One page of a root's user half, or (kernel_root) of the kernel half in all roots. */
void tlb_flush_page(struct root *root, uint64_t address);
/* [start, end), page aligned; long ranges become a whole flush. */
void tlb_flush_range(struct root *root, uint64_t start, uint64_t end);
/* Everything of a root's user half; kernel_root: everything, global entries too. */
void tlb_flush_root(struct root *root);

/* Everything that this CPU knows: it may have looked while nobody told it of changes. */
void tlb_flush_self(void);

/* Does what other CPUs wait for. For loops that spin, and the interrupt. Context: any. */
void tlb_serve(void);
/* Interrupts that all CPUs have sent for flushes since boot. */
uint64_t tlb_interrupt_count(void);
