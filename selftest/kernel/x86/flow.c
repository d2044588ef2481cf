/* SPDX-License-Identifier: BSD-2-Clause */
#include "kernel/lib/string.h"

#include "kernel/x86/cpu_internal.h"
#include "kernel/x86/percpu.h"
#include "mm/kstack.h"
#include "selftest/kernel/x86/switch_test.h"

/* Not context_init_kernel(): that one's first switch is the scheduler's business. */
bool flow_open(struct flow *flow, void (*fn)(void *), void *arg)
{
	struct switch_frame *frame;

	memset(flow, 0, sizeof(*flow));
	flow->stack = kstack_alloc();
	if (!flow->stack)
		return false;
	/* RSP is 16-byte aligned when switch_begin starts. */
	frame = (struct switch_frame *)(void *)(flow->stack + KSTACK_SIZE - 16) - 1;
	memset(frame, 0, sizeof(*frame) + 16);
	frame->r12 = (uint64_t)fn;
	frame->r13 = (uint64_t)arg;
	frame->resume = switch_begin;
	flow->context.rsp = (uint64_t)frame;
	flow->context.kernel_rsp = (uint64_t)flow->stack + KSTACK_SIZE;
	/* The running code's canary: checks in frames that span the switch must agree. */
	flow->context.canary = cpu_self()->canary;
	return true;
}

void flow_close(struct flow *flow)
{
	kstack_free(flow->stack);
	flow->stack = NULL;
}
