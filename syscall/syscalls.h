/* SPDX-License-Identifier: BSD-2-Clause */
#pragma once
/*
 * System calls: the numbers, one function each, and the typed view of their arguments.
 * This folder is the only code that sees raw numbers and makes struct uaddr from them.
 */
#include "kernel/lib/errors.h"
#include "kernel/lib/types.h"

#include "kernel/x86/trapframe.h"
#include "mm/addr.h"

#define SYSCALL_NATIVE_FIRST 4096u

/* The result in rax: a value, or a negated errno. */
#define SYSCALL(number, name, ...) int64_t sys_##name(struct trapframe *frame);
#include "syscall/native.def"
#include "syscall/syscalls.def"
#undef SYSCALL

enum syscall_number {
#define SYSCALL(number, name, ...) SYS_##name = (number),
#include "syscall/native.def"
#include "syscall/syscalls.def"
#undef SYSCALL
};

/* Argument @index (0..5) as the program gave it. */
static inline uint64_t arg(const struct trapframe *frame, unsigned index)
{
	switch (index) {
	case 0:
		return frame->rdi;
	case 1:
		return frame->rsi;
	case 2:
		return frame->rdx;
	case 3:
		return frame->r10;
	case 4:
		return frame->r8;
	default:
		return frame->r9;
	}
}

static inline uint32_t arg_u32(const struct trapframe *frame, unsigned index)
{
	return (uint32_t)arg(frame, index);
}

static inline int32_t arg_int(const struct trapframe *frame, unsigned index)
{
	return (int32_t)(uint32_t)arg(frame, index);
}

static inline struct uaddr arg_uaddr(const struct trapframe *frame, unsigned index)
{
	return (struct uaddr){.raw = arg(frame, index)};
}
