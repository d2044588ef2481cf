/* SPDX-License-Identifier: BSD-2-Clause */
#pragma once
/*
 * What a CPU keeps for itself and others seldom empty: free frames, free objects, tables, stacks.
 * The owner claims it for a few instructions, with interrupts on, as no handler allocates; a drain
 * on another CPU claims it likewise. Nobody else writes its cache line, so the owner's claim costs
 * no hand-over.
 *
 * A claim is the innermost of all: until claim_drop() no lock is taken, nothing is called and
 * nothing asserts. That is why it needs no rank.
 */
#include "kernel/lib/compiler.h"
#include "kernel/lib/types.h"

#include "kernel/x86/cpu.h"
#include "kernel/x86/tlb.h"

#define CACHE_LINE 64

struct claim {
	uint32_t taken;
};

static inline void claim_take(struct claim *claim)
{
	while (unlikely(__atomic_exchange_n(&claim->taken, 1, __ATOMIC_ACQUIRE))) {
		/* Interrupts may be off, and others may wait for this CPU's flush. */
		tlb_serve();
		cpu_relax();
	}
}

static inline void claim_drop(struct claim *claim)
{
	__atomic_store_n(&claim->taken, 0, __ATOMIC_RELEASE);
}
