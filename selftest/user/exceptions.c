/* SPDX-License-Identifier: BSD-2-Clause */
/* P-M2-05: an exception of ring 3 ends that process only, with Linux's signal, whatever its RSP. */
#include "selftest/user/user.h"

#define NON_CANONICAL         0x8000000000000000ul
#define FP_UNMASKED           0x0360 /* x87 control word: divide by zero not masked */
#define MXCSR_DIVIDE_UNMASKED 0x1d80

static void divide_by_zero(long rsp_mode)
{
	(void)rsp_mode;
	__asm__ volatile("xor %%edx, %%edx; xor %%ecx, %%ecx; mov $1, %%eax; div %%ecx" ::
				 : "rax", "rcx", "rdx");
}

static void debug_trap(long arg)
{
	(void)arg;
	__asm__ volatile(".byte 0xf1"); /* int1 */
}

static void single_step(long arg)
{
	(void)arg;
	__asm__ volatile("pushf; orq $0x100, (%%rsp); popf; nop; nop" ::: "memory");
}

static void breakpoint(long arg)
{
	(void)arg;
	__asm__ volatile("int3");
}

static void overflow(long arg)
{
	(void)arg;
	__asm__ volatile("int $4");
}

static void undefined(long arg)
{
	(void)arg;
	__asm__ volatile("ud2");
}

static void halt(long arg)
{
	(void)arg;
	__asm__ volatile("hlt");
}

static void device_vector(long arg)
{
	(void)arg;
	__asm__ volatile("int $0x20");
}

static void fault_vector(long arg)
{
	(void)arg;
	__asm__ volatile("int $14");
}

static void read_non_canonical(long arg)
{
	(void)arg;
	(void)*(volatile char *)NON_CANONICAL;
}

static void stack_non_canonical(long arg)
{
	(void)arg;
	__asm__ volatile("mov %0, %%rsp; push %%rax" ::"r"(NON_CANONICAL) : "memory");
}

static void read_null(long arg)
{
	__asm__ volatile("movb 8, %%al" ::: "rax");
	(void)arg;
}

static void x87_divide(long arg)
{
	uint16_t control = FP_UNMASKED & ~4;

	(void)arg;
	__asm__ volatile("fninit; fldcw %0; fld1; fldz; fdivrp; fwait" ::"m"(control));
}

static void sse_divide(long arg)
{
	uint32_t control = MXCSR_DIVIDE_UNMASKED;

	(void)arg;
	__asm__ volatile(
		"ldmxcsr %0; xorps %%xmm0, %%xmm0; pcmpeqd %%xmm1, %%xmm1; pslld $25, %%xmm1;"
		"psrld $2, %%xmm1; divss %%xmm0, %%xmm1" ::"m"(control)
		: "xmm0", "xmm1");
}

static void execute_data(long arg)
{
	static volatile char code[1] = {(char)0xc3};

	(void)arg;
	((void (*)(void))(uintptr_t)code)();
}

/*
 * What TCG does differently: INT1 is an undefined instruction, a non-canonical stack a general
 * protection fault, and SSE exceptions are only noted in MXCSR (the program then ends by itself).
 */
static const struct kind {
	void (*raise)(long);
	int signal;
	int tcg_signal;
} kinds[] = {
	{divide_by_zero, SIGFPE, SIGFPE},
	{debug_trap, SIGTRAP, SIGILL},
	{single_step, SIGTRAP, SIGTRAP},
	{breakpoint, SIGTRAP, SIGTRAP},
	{overflow, SIGSEGV, SIGSEGV},
	{undefined, SIGILL, SIGILL},
	{halt, SIGSEGV, SIGSEGV},
	{device_vector, SIGSEGV, SIGSEGV},
	{fault_vector, SIGSEGV, SIGSEGV},
	{read_non_canonical, SIGSEGV, SIGSEGV},
	{stack_non_canonical, SIGBUS, SIGSEGV},
	{read_null, SIGSEGV, SIGSEGV},
	{x87_divide, SIGFPE, SIGFPE},
	{sse_divide, SIGFPE, 0},
	{execute_data, SIGSEGV, SIGSEGV},
};

static int ends_as_it_should(const struct kind *kind)
{
	int signal = killed_by(run_child(kind->raise, 0));

	return signal == kind->signal || signal == kind->tcg_signal;
}

/* The same again with a stack pointer that nothing may be pushed to. */
static void with_hostile_stack(long index)
{
	static const uint64_t hostile[] = {0, 8, 0xffff800000000000ul, 0x7ffffffff000ul};

	__asm__ volatile("mov %0, %%rsp; ud2" ::"r"(hostile[index]) : "memory");
}

void test_main(const uint64_t *stack)
{
	(void)stack;
	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++)
		CHECK(ends_as_it_should(&kinds[i]));
	for (long i = 0; i < 4; i++)
		CHECK(killed_by(run_child(with_hostile_stack, i)) == SIGILL);
}
