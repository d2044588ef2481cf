/* SPDX-License-Identifier: BSD-2-Clause */
/* P-M5-09: ring 0 never uses the stack pointer of ring 3, at calls, gates, exceptions, interrupts.
 */
#include "selftest/user/probe.h"

#define KERNEL_HALF   0xffff800000000000ul
#define KERNEL_IMAGE  0xffffffff80000000ul
#define NON_CANONICAL 0x8000000000000000ul
#define USER_END      0x7ffffffff000ul

static uint8_t handler_stack[65536] __attribute__((aligned(16)));
static uint8_t canary[64] __attribute__((aligned(64)));
static int has_gate;

static const uint64_t hostile[] = {
	0,
	1,
	8,
	PAGE,
	0x10007,
	USER_END,
	USER_END - 3,
	KERNEL_HALF,
	KERNEL_HALF + 64,
	KERNEL_IMAGE,
	KERNEL_IMAGE + 0x200000,
	NON_CANONICAL,
	NON_CANONICAL - 8,
	UINT64_MAX,
	UINT64_MAX - 7,
};

static long call_with(uint64_t rsp)
{
	long ret = SYS_getpid;

	__asm__ volatile("mov %%rsp, %%rbx; mov %1, %%rsp; syscall; mov %%rsp, %%rdx;"
			 "mov %%rbx, %%rsp; cmp %1, %%rdx; je 1f; mov $-1, %%rax; 1:"
			 : "+a"(ret)
			 : "r"(rsp)
			 : "rbx", "rcx", "rdx", "r11", "memory", "cc");
	return ret;
}

static long gate_with(uint64_t rsp)
{
	long ret = SYS_native_yield;

	__asm__ volatile("mov %%rsp, %%rbx; mov %1, %%rsp; int $0x80; mov %%rsp, %%rdx;"
			 "mov %%rbx, %%rsp; cmp %1, %%rdx; je 1f; mov $-1, %%rax; 1:"
			 : "+a"(ret)
			 : "r"(rsp)
			 : "rbx", "rcx", "rdx", "r11", "memory", "cc");
	return ret;
}

/* Long enough for some timer interrupts in all the rounds together. */
static void spin_with(uint64_t rsp)
{
	__asm__ volatile("mov %%rsp, %%rbx; mov %0, %%rsp; mov $20000, %%ecx; 1: dec %%ecx; jnz 1b;"
			 "mov %%rbx, %%rsp"
			 :
			 : "r"(rsp)
			 : "rbx", "rcx", "memory", "cc");
}

static int faults_with(uint64_t rsp)
{
	PROBE("mov %0, %%rsp; ud2", "r"(rsp));
	if (probed.signo != SIGILL)
		return 0;
	PROBE("mov %0, %%rsp; int3; mov probe_rsp(%%rip), %%rsp", "r"(rsp));
	if (probed.signo != SIGTRAP)
		return 0;
	PROBE("mov %0, %%rsp; movb 8, %%cl", "r"(rsp));
	return probed.signo == SIGSEGV && probed.address == 8;
}

static int is_untouched(void)
{
	for (size_t i = 0; i < sizeof(canary); i++)
		if (canary[i] != 0x5c)
			return 0;
	return 1;
}

static void with(uint64_t rsp)
{
	CHECK(call_with(rsp) == sys0(SYS_getpid));
	CHECK(!has_gate || gate_with(rsp) == 0);
	CHECK(faults_with(rsp));
	spin_with(rsp);
}

void test_main(const uint64_t *stack)
{
	struct stack other = {(uint64_t)(uintptr_t)handler_stack, 0, 0, sizeof(handler_stack)};

	(void)stack;
	has_gate = sys0(SYS_native_yield) != -ENOSYS;
	CHECK(sys3(SYS_sigaltstack, (long)&other, 0, 0) == 0);
	CHECK(probe_begin());
	for (size_t i = 0; i < sizeof(hostile) / sizeof(hostile[0]); i++)
		with(hostile[i]);
	/* A pointer that could be used: nothing is written there either. */
	for (size_t i = 0; i < sizeof(canary); i++)
		canary[i] = 0x5c;
	with((uint64_t)(uintptr_t)canary + 64);
	with((uint64_t)(uintptr_t)canary + 61);
	CHECK(is_untouched());
}
