/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * P-M5-06, P-M5-02: every register but RAX, RCX and R11 survives each call, those two hold values
 * of ring 3 only, and the flags come back.
 */
#include "selftest/user/user.h"

#define CALLS       335
#define KERNEL_HALF 0xffff800000000000ul

struct registers {
	uint64_t rbx, rcx, rdx, rsi, rdi, rbp, r8, r9, r10, r11, r12, r13, r14, r15, flags;
};

/* What the registers held after the call; written by the assembly below. */
struct registers seen;

/* A call with a pattern in every register; `nr` runs on its arguments as they are. */
static long patterned_call(long nr)
{
	__asm__ volatile(
		"push %%rbp\n"
		"mov $0x1111, %%rbx; mov $0xfff2, %%rdx; mov $0xfff3, %%rsi; mov $0xfff4, %%rdi\n"
		"mov $0x5555, %%rbp; mov $0xfff6, %%r8; mov $0xfff7, %%r9; mov $0xfff8, %%r10\n"
		"mov $0x9999, %%r12; mov $0xaaaa, %%r13; mov $0xbbbb, %%r14; mov $0xcccc, %%r15\n"
		"stc; std\n"
		"syscall\n"
		"mov %%rbx, seen(%%rip); mov %%rcx, seen+8(%%rip); mov %%rdx, seen+16(%%rip)\n"
		"mov %%rsi, seen+24(%%rip); mov %%rdi, seen+32(%%rip); mov %%rbp, seen+40(%%rip)\n"
		"mov %%r8, seen+48(%%rip); mov %%r9, seen+56(%%rip); mov %%r10, seen+64(%%rip)\n"
		"mov %%r11, seen+72(%%rip); mov %%r12, seen+80(%%rip); mov %%r13, seen+88(%%rip)\n"
		"mov %%r14, seen+96(%%rip); mov %%r15, seen+104(%%rip)\n"
		"pushf; popq seen+112(%%rip); cld; pop %%rbp\n"
		: "+a"(nr)
		:
		: "rbx", "rcx", "rdx", "rsi", "rdi", "r8", "r9", "r10", "r11", "r12", "r13", "r14",
		  "r15", "memory", "cc");
	return nr;
}

static int kept(const struct registers *r)
{
	return r->rbx == 0x1111 && r->rdx == 0xfff2 && r->rsi == 0xfff3 && r->rdi == 0xfff4 &&
	       r->rbp == 0x5555 && r->r8 == 0xfff6 && r->r9 == 0xfff7 && r->r10 == 0xfff8 &&
	       r->r12 == 0x9999 && r->r13 == 0xaaaa && r->r14 == 0xbbbb && r->r15 == 0xcccc &&
	       r->rcx < KERNEL_HALF && r->r11 < KERNEL_HALF;
}

/* Calls that end, stop or replace the caller, or wait. */
static int is_left_out(long nr)
{
	static const short list[] = {
		15,  34,  35,  56, 57,  58,  59,  60,  61,  62,  128, 130, 169, 200, 230, 231, 234,
		247, 270, 271, 7,  23,  322, 435, 129, 297, 202, 232, 281, 88,  48,  101, 109, 112,
		12,  161, 37,  38, 170, 105, 106, 113, 114, 117, 119, 122, 123, 116, 219};

	for (size_t i = 0; i < sizeof(list) / sizeof(list[0]); i++)
		if (list[i] == nr)
			return 1;
	return 0;
}

void test_main(const uint64_t *stack)
{
	(void)stack;
	for (long nr = 0; nr < CALLS; nr++) {
		if (is_left_out(nr))
			continue;
		patterned_call(nr);
		CHECK(kept(&seen));
		CHECK((seen.flags & 0x401) == 0x401); /* DF and CF as they were */
	}
	patterned_call(-1);
	CHECK(kept(&seen));
}
