/* SPDX-License-Identifier: BSD-2-Clause */
#pragma once
/*
 * Ring 3 without a process: a page of code and a page of stack in a root of their own, entered with
 * any registers, left by its first exception. System calls reach a function of the test's: a
 * hardware breakpoint at the real one leads there, so the entry paths are the shipped ones.
 */
#include "kernel/lib/types.h"

#include "kernel/x86/trapframe.h"

struct frame;
struct root;

#define RING3_CODE  0x400000ull
#define RING3_STACK 0x600000ull       /* a page, readable and writable */
#define RING3_LAST  0x7fffffffe000ull /* the last mappable page: the code once more */

struct ring3 {
	struct root *root;
	struct frame *code, *stack;
	char *kstack;
};

/* Memory for it; false = none, nothing is held. */
bool ring3_open(struct ring3 *ring3);
void ring3_close(struct ring3 *ring3);
/* Puts code at offset `at` of the code page. */
void ring3_code(struct ring3 *ring3, size_t at, const void *code, size_t size);

/* Registers for a start at RING3_CODE: all zero, flags 0x202, RSP in the stack page. */
struct trapframe ring3_regs(void);

/*
 * Runs ring 3 from *regs until its first exception; *regs = its frame then, vector and error
 * included. Interrupts are held back meanwhile. Return: that exception's CR2 (0 unless #PF).
 */
uint64_t ring3_run(struct ring3 *ring3, struct trapframe *regs);

/* The top of the kernel stack that entries from ring 3 use meanwhile. */
uint64_t ring3_kernel_rsp(const struct ring3 *ring3);

/* Called instead of syscall_linux() and syscall_native_gate(); NULL = those themselves. */
void ring3_on_call(void (*fn)(struct trapframe *frame));
/* Called in the hook for each exception of ring 3, before it is left. */
void ring3_on_exception(void (*fn)(struct trapframe *frame));
/*
 * Called each time ring 0 is about to run the instruction at `at` (NULL = never), which then runs.
 */
void ring3_on_instruction(const void *at, void (*fn)(struct trapframe *frame));
