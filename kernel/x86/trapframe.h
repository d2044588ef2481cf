/* SPDX-License-Identifier: BSD-2-Clause */
#pragma once
/*
 * The registers of interrupted code: the one layout for exceptions, interrupts and both system-call
 * gates. It stands at the top of the thread's kernel stack when ring 3 was interrupted.
 */
#include "kernel/lib/types.h"

#include "kernel/x86/regs.h"

#define KERNEL_CS 0x10
#define KERNEL_SS 0x18
#define USER_SS   0x2b
#define USER_CS   0x33
#define TSS_SEL   0x38

/* `vector` of a frame made by SYSCALL; `error` then holds the number asked for. */
#define TRAP_SYSCALL 256
/* The native gate; `error` holds the number here too. */
#define TRAP_INT80 0x80

struct trapframe {
	uint64_t r15, r14, r13, r12, rbp, rbx;
	uint64_t r11, r10, r9, r8, rax, rcx, rdx, rsi, rdi;
	uint64_t vector;
	uint64_t error;
	uint64_t rip, cs, rflags, rsp, ss; /* the CPU's part: SDM vol 3, 6.14.2 */
};
static_assert(sizeof(struct trapframe) == 176, "16-byte multiple: keeps the C entry aligned");

static inline bool trapframe_from_user(const struct trapframe *frame)
{
	return frame->cs & 3;
}

/* The frame in which ring 3 was left, given the top of the thread's kernel stack. */
static inline struct trapframe *trapframe_of_stack(uint64_t kernel_rsp)
{
	return (struct trapframe *)(void *)(kernel_rsp - sizeof(struct trapframe));
}

/* Forces what ring 3 may not choose: CS, SS, IF, IOPL, VM and the reserved flags (P-M5-05). */
static inline void trapframe_force_user(struct trapframe *frame)
{
	frame->cs = USER_CS;
	frame->ss = USER_SS;
	frame->rflags = (frame->rflags & RFLAGS_USER) | RFLAGS_FIXED | RFLAGS_IF;
}

/* Decides in NASM, shared with the exit path: may SYSRET return to this frame? Context: any. */
bool sysret_allowed(const struct trapframe *frame);
