/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * P-M5-02: calls, gates and exceptions entered with every combination of the flags that ring 3 can
 * set: the kernel works as ever, and the caller has its own back.
 */
#include "selftest/user/probe.h"

#define SYS_uname 63

#define FLAG_TF    0x100ul
#define FLAGS_BASE 0x202ul

static const uint64_t bits[] = {1 << 0, 1 << 10, 1 << 14, 1 << 18, 1 << 21};
#define BITS 5

/* Front, six names of 65 bytes, behind: with DF set inside the kernel the front would be hit. */
static uint8_t buffer[64 + 6 * 65 + 64];
static uint64_t seen_flags, trap_flags;
static volatile int traps;

static uint64_t combination(unsigned set)
{
	uint64_t flags = FLAGS_BASE;

	for (unsigned i = 0; i < BITS; i++)
		flags |= set >> i & 1 ? bits[i] : 0;
	return flags;
}

static long call_with(uint64_t flags, long nr, void *where)
{
	__asm__ volatile("push %3; popf; syscall; pushf; pop %1; push $0x202; popf"
			 : "+a"(nr), "=r"(seen_flags)
			 : "D"(where), "r"(flags)
			 : "rcx", "r11", "memory", "cc");
	return nr;
}

static int is_filled_well(void)
{
	for (size_t i = 0; i < 64; i++)
		if (buffer[i] != 0x5c || buffer[64 + 6 * 65 + i] != 0x5c)
			return 0;
	return buffer[64] == 'L' && buffer[64 + 4] == 'x';
}

static void at_calls(void)
{
	for (unsigned set = 0; set < 1u << BITS; set++) {
		__builtin_memset(buffer, 0x5c, sizeof(buffer));
		CHECK(call_with(combination(set), SYS_uname, buffer + 64) == 0);
		CHECK(seen_flags == combination(set));
		CHECK(is_filled_well());
		CHECK(call_with(combination(set), SYS_uname, (void *)0x1000) == -EFAULT);
		CHECK(seen_flags == combination(set));
	}
}

/* IOPL, IF and RF are not ring 3's: POPF leaves them, whatever is tried. */
static void foreign_bits(void)
{
	CHECK(call_with(FLAGS_BASE | 0x3000, SYS_getpid, NULL) > 0);
	CHECK(seen_flags == FLAGS_BASE);
	CHECK(call_with(0x2, SYS_getpid, NULL) > 0);
	CHECK(seen_flags == FLAGS_BASE);
	CHECK(call_with(FLAGS_BASE | 0x10000, SYS_getpid, NULL) > 0);
	CHECK(seen_flags == FLAGS_BASE);
}

static void on_trap(int signo, struct info *info, struct context *context)
{
	(void)info;
	traps++;
	trap_flags = context->gregs[G_FLAGS];
	if (signo == SIGILL)
		context->gregs[G_RIP] += 2;
}

static void at_exceptions(void)
{
	CHECK(handle(SIGILL, on_trap, 0) == 0);
	for (unsigned set = 0; set < 1u << BITS; set++) {
		uint64_t flags = combination(set), after;

		traps = 0;
		__asm__ volatile("push %1; popf; ud2; pushf; pop %0; push $0x202; popf"
				 : "=&r"(after)
				 : "r"(flags)
				 : "memory", "cc");
		CHECK(traps == 1 && (trap_flags & ~0x10000ul) == flags);
		CHECK((after & ~0x10000ul) == flags);
	}
}

/* Single steps go over a call as over any instruction, and never into the kernel. */
static void stepped_calls(void)
{
	CHECK(handle(SIGTRAP, on_trap, 0) == 0);
	for (unsigned set = 0; set < 1u << BITS; set++) {
		uint64_t flags = combination(set) | FLAG_TF;

		traps = 0;
		__builtin_memset(buffer, 0x5c, sizeof(buffer));
		CHECK(call_with(flags, SYS_uname, buffer + 64) == 0);
		CHECK(seen_flags == flags && is_filled_well());
		CHECK(traps >= 4 && traps <= 6);
	}
}

void test_main(const uint64_t *stack)
{
	(void)stack;
	at_calls();
	foreign_bits();
	at_exceptions();
	stepped_calls();
}
