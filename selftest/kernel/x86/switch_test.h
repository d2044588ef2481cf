/* SPDX-License-Identifier: BSD-2-Clause */
#pragma once
/* Hand-made contexts that run beside the scheduler's, interrupts off (switch_worker.asm). */
#include "kernel/x86/switch.h"

/* One more flow of control: a stack from mm/kstack.h and a context. */
struct flow {
	struct context context;
	char *stack;
};

/* Makes fn(arg) run at the first switch to it; fn must not return. false = no memory. */
bool flow_open(struct flow *flow, void (*fn)(void *), void *arg);
void flow_close(struct flow *flow);

uint64_t switch_rounds(struct context *self, struct context *next, uint64_t seed, uint64_t rounds);
void switch_begin(void);
