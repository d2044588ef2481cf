/* SPDX-License-Identifier: BSD-2-Clause */
#pragma once
/* The machine state of a thread that does not run, and the switch between two. */
#include "kernel/lib/compiler.h"
#include "kernel/lib/types.h"

#include "kernel/x86/trapframe.h"

struct root;

/* First member of struct thread. */
struct context {
	uint64_t rsp;
	uint64_t kernel_rsp; /* top of the kernel stack, 16-byte aligned */
	uint64_t canary;
	uint64_t fs_base;
	uint64_t gs_base;
	void *fpu;         /* NULL: a kernel thread, which has no user registers at all */
	struct root *root; /* NULL: borrows whatever root the CPU has */
	union {
		struct {
			uint16_t ds, es, fs, gs;
		};
		uint64_t selectors; /* all four; hardly any thread ever has one */
	};
	uint32_t work; /* THREAD_* bits (kernel/sched/thread.h): not 0 = call return_to_user_work()
			*/
};

/*
 * Saves `from`, loads `to`, returns when somebody switches back. Sets the CPU's stack, canary,
 * root, FPU, FS and GS; cpu->current is the caller's. Interrupts off on entry and return.
 */
void context_switch(struct context *from, struct context *to);

/*
 * A context whose first switch calls thread_started() and then fn(arg) with interrupts on; when
 * fn returns, thread_returned(). The rest (fpu, root) is the caller's; the canary
 * that the caller has set is kept.
 */
void context_init_kernel(struct context *context, void *stack_top, void (*fn)(void *), void *arg);
/*
 * A context whose first switch calls thread_started() and then leaves to ring 3 by the frame
 * that this returns (top of the stack, zeroed, CS, SS and flags forced): the caller fills it.
 */
struct trapframe *context_init_user(struct context *context, void *stack_top);
/* User bases and selectors of the running context to their state after exec: all zero. */
void context_reset_user(struct context *running);

/* Leaves to ring 3 on the current thread's stack by `frame`. */
__noreturn void enter_user(struct trapframe *frame);

/* FS and GS base of the running context's ring-3 side; the caller checks set values. */
uint64_t user_fs_base(void);
uint64_t user_gs_base(void);
void user_fs_base_set(uint64_t base);
void user_gs_base_set(uint64_t base);
/* Copies registers to the running context (fork reads it then): bases, selectors and FPU. */
void context_sync(struct context *running);
