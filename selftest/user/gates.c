/* SPDX-License-Identifier: BSD-2-Clause */
/* P-M5-07: int 0x80 is for native calls only; no other vector can be called but #BP and #OF. */
#include "selftest/user/probe.h"

#define LINUX_CALLS 450

/* Eight bytes a vector: int n; ret, and five to fill up. */
void vectors(void);
__asm__(".text\n.balign 8\n"
	"vectors:\n"
	".set vector, 0\n"
	".rept 256\n"
	"	.byte 0xcd, vector, 0xc3, 0xcc, 0xcc, 0xcc, 0xcc, 0xcc\n"
	"	.set vector, vector + 1\n"
	".endr\n");

static long call_gate(long nr, long a, long b, long c, uint64_t flags, uint64_t *after)
{
	__asm__ volatile("push %5; popf; int $0x80; pushf; pop %1; cld; push $0x202; popf"
			 : "+a"(nr), "=r"(*after)
			 : "D"(a), "S"(b), "d"(c), "r"(flags)
			 : "rcx", "r11", "r8", "r9", "r10", "memory", "cc");
	return nr;
}

static void other_vectors(void)
{
	for (uint64_t v = 0; v < 256; v++) {
		if (v == 0x80)
			continue;
		PROBE("call *%0", "r"((uint64_t)(uintptr_t)vectors + v * 8));
		CHECK(probed.signo == (v == 3 ? SIGTRAP : SIGSEGV));
	}
}

static void native_only(void)
{
	uint64_t flags, state[8];

	CHECK(call_gate(SYS_native_yield, 0, 0, 0, 0x202, &flags) == 0);
	CHECK(call_gate(SYS_probe_state, 0, (long)state, 0, 0x202, &flags) == 0);
	CHECK(call_gate(SYS_probe_state, 0, 0x1000, 0, 0x202, &flags) == -EFAULT);
	CHECK(call_gate(SYS_probe_state, 0, (long)0xffff800000000000ul, 0, 0x202, &flags) ==
	      -EFAULT);
	for (long nr = 0; nr < LINUX_CALLS; nr++)
		CHECK(call_gate(nr, 0, 0, 0, 0x202, &flags) == -ENOSYS);
	CHECK(call_gate(-1, 0, 0, 0, 0x202, &flags) == -ENOSYS);
	CHECK(call_gate(SYS_native_yield | 1l << 32, 0, 0, 0, 0x202, &flags) == -ENOSYS);
}

/* Ring 3 has its own flags back; with the kernel's AC set a read below would not be refused. */
static void flags_come_back(void)
{
	static const uint64_t bits[] = {1 << 0, 1 << 10, 1 << 14, 1 << 18, 1 << 21};
	uint64_t state[8], after;

	for (unsigned set = 0; set < 32; set++) {
		uint64_t flags = 0x202;

		for (unsigned i = 0; i < 5; i++)
			flags |= set >> i & 1 ? bits[i] : 0;
		CHECK(call_gate(SYS_probe_state, 0, (long)state, 0, flags, &after) == 0);
		CHECK(after == flags);
	}
}

void test_main(const uint64_t *stack)
{
	(void)stack;
	CHECK(probe_begin());
	other_vectors();
	if (sys0(SYS_native_yield) == -ENOSYS)
		return; /* another kernel's int 0x80 is another interface */
	native_only();
	flags_come_back();
}
