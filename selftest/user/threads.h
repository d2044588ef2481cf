/* SPDX-License-Identifier: BSD-2-Clause */
#pragma once
/* Threads for ring-3 selftest programs: clone and futex, nothing between. */
#include "selftest/user/signals.h"

#define SYS_clone            56
#define SYS_futex            202
#define SYS_set_robust_list  273
#define SYS_get_robust_list  274
#define FUTEX_WAIT           0
#define FUTEX_WAKE           1
#define FUTEX_PRIVATE        128
#define FUTEX_WAITERS        0x80000000u
#define FUTEX_OWNER_DIED     0x40000000u
#define CLONE_SHARES         0x00050f00l /* VM FS FILES SIGHAND THREAD SYSVSEM */
#define CLONE_PARENT_SETTID  0x00100000l
#define CLONE_CHILD_CLEARTID 0x00200000l
#define THREAD_STACK         8192

#define ETIMEDOUT 110

struct thread {
	volatile uint32_t tid; /* 0 again when it has ended */
	uint32_t pad;
	uint8_t stack[THREAD_STACK] __attribute__((aligned(16)));
};

/* Runs body(arg) on its own stack and ends. Return: its number, or a negative error. */
static inline long thread_start(struct thread *thread, void (*body)(long), long arg)
{
	uint64_t *sp = (uint64_t *)(thread->stack + THREAD_STACK) - 2;
	register uint64_t *ctid __asm__("r10") = (uint64_t *)&thread->tid;
	register long tls __asm__("r8") = 0;
	long result;

	sp[0] = (uint64_t)arg;
	sp[1] = (uint64_t)(uintptr_t)body;
	__asm__ volatile("syscall\n"
			 "test %%rax, %%rax\n"
			 "jnz 1f\n"
			 "xor %%ebp, %%ebp\n"
			 "pop %%rdi\n"
			 "pop %%rax\n"
			 "call *%%rax\n"
			 "xor %%edi, %%edi\n"
			 "mov %[exit], %%eax\n"
			 "syscall\n"
			 "ud2\n"
			 "1:"
			 : "=a"(result)
			 : "0"((long)SYS_clone),
			   "D"(CLONE_SHARES | CLONE_PARENT_SETTID | CLONE_CHILD_CLEARTID), "S"(sp),
			   "d"(&thread->tid), "r"(ctid), "r"(tls), [exit] "i"(SYS_exit)
			 : "rcx", "r11", "memory", "cc");
	return result;
}

static inline long futex(volatile uint32_t *at, long op, uint32_t value, const uint64_t *time)
{
	return sys6(SYS_futex, (long)at, op, value, (long)time, 0, 0);
}

static inline void thread_join(struct thread *thread)
{
	uint32_t tid;

	while ((tid = thread->tid) != 0)
		futex(&thread->tid, FUTEX_WAIT, tid, NULL);
}

static inline long gettid(void)
{
	return sys0(SYS_gettid);
}

/* Gives the others the CPU until *at holds something else than @value. */
static inline void await_change(volatile uint32_t *at, uint32_t value)
{
	while (*at == value)
		sys0(SYS_sched_yield);
}
