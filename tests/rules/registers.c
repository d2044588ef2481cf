/* SPDX-License-Identifier: BSD-2-Clause */
/* What a system call leaves in the registers, and which numbers are calls. */
#include <cpuid.h>
#include <emmintrin.h>
#include <immintrin.h>
#include <sched.h>
#include <sys/syscall.h>
#include <sys/wait.h>

#include "rules.h"

#define FLAGS_OF_ARITHMETIC 0x8d5

static long call0(long number)
{
	long result;

	__asm__ volatile("syscall" : "=a"(result) : "a"(number) : "rcx", "r11", "memory");
	return result;
}

RULE(general_registers_survive)
{
	long bad;

	__asm__ volatile("mov $1, %%rdi; mov $2, %%rsi; mov $3, %%rdx; mov $4, %%r10;"
			 "mov $5, %%r8; mov $6, %%r9; mov $7, %%r12; mov $8, %%r13;"
			 "mov $9, %%r14; mov $10, %%r15; mov $11, %%rbx;"
			 "mov $39, %%eax; syscall; xor %%eax, %%eax;"
			 "sub $1, %%rdi; sub $2, %%rsi; sub $3, %%rdx; sub $4, %%r10;"
			 "sub $5, %%r8; sub $6, %%r9; sub $7, %%r12; sub $8, %%r13;"
			 "sub $9, %%r14; sub $10, %%r15; sub $11, %%rbx;"
			 "or %%rdi, %%rax; or %%rsi, %%rax; or %%rdx, %%rax; or %%r10, %%rax;"
			 "or %%r8, %%rax; or %%r9, %%rax; or %%r12, %%rax; or %%r13, %%rax;"
			 "or %%r14, %%rax; or %%r15, %%rax; or %%rbx, %%rax"
			 : "=a"(bad)
			 :
			 : "rdi", "rsi", "rdx", "r10", "r8", "r9", "r12", "r13", "r14", "r15",
			   "rbx", "rcx", "r11", "memory");
	say("changed=%ld", bad);
}

RULE(rcx_is_the_return_address)
{
	unsigned long rcx, next;

	__asm__ volatile("mov $39, %%eax; syscall; 1: lea 1b(%%rip), %1"
			 : "=c"(rcx), "=r"(next)
			 :
			 : "rax", "r11", "memory");
	say("same=%d", rcx == next);
}

RULE(r11_is_the_flags)
{
	unsigned long r11;

	__asm__ volatile("mov $39, %%eax; stc; syscall; mov %%r11, %0"
			 : "=r"(r11)
			 :
			 : "rax", "rcx", "r11", "memory");
	say("carry=%lu interrupts=%lu", r11 & 1, r11 >> 9 & 1);
}

RULE(arithmetic_flags_survive)
{
	unsigned long before, after;

	__asm__ volatile("mov $39, %%eax; cmp $40, %%eax; pushf; pop %0; syscall; pushf; pop %1"
			 : "=&r"(before), "=&r"(after)
			 :
			 : "rax", "rcx", "r11", "memory");
	say("same=%d", ((before ^ after) & FLAGS_OF_ARITHMETIC) == 0);
}

RULE(direction_flag_survives)
{
	unsigned long flags;

	__asm__ volatile("mov $39, %%eax; std; syscall; pushf; cld; pop %0"
			 : "=r"(flags)
			 :
			 : "rax", "rcx", "r11", "memory");
	say("direction=%lu", flags >> 10 & 1);
}

RULE(xmm_registers_survive)
{
	__m128i low = _mm_set1_epi32(0x11223344), high = _mm_set1_epi32(0x55667788), a, b;

	__asm__ volatile("movdqa %2, %%xmm0; movdqa %3, %%xmm15; mov $24, %%eax; syscall;"
			 "movdqa %%xmm0, %0; movdqa %%xmm15, %1"
			 : "=m"(a), "=m"(b)
			 : "m"(low), "m"(high)
			 : "rax", "rcx", "r11", "xmm0", "xmm15", "memory");
	say("same=%d,%d", !memcmp(&a, &low, 16), !memcmp(&b, &high, 16));
}

static int has_avx(void)
{
	unsigned a, b, c, d;

	return __get_cpuid(1, &a, &b, &c, &d) && (c & bit_AVX) && (c & bit_OSXSAVE);
}

/* A CPU without AVX has nothing to lose. */
RULE(ymm_registers_survive)
{
	unsigned char before[32], after[32];

	memset(before, 0x5a, sizeof(before));
	memcpy(after, before, sizeof(after));
	if (has_avx())
		__asm__ volatile("vmovdqu %1, %%ymm7; mov $24, %%eax; syscall; vmovdqu %%ymm7, %0"
				 : "=m"(after)
				 : "m"(before)
				 : "rax", "rcx", "r11", "xmm7", "memory");
	say("same=%d", !memcmp(before, after, sizeof(before)));
}

static unsigned short x87_control(void)
{
	unsigned short control;

	__asm__ volatile("fnstcw %0" : "=m"(control));
	return control;
}

static void set_floats(unsigned mxcsr, unsigned short control)
{
	_mm_setcsr(mxcsr);
	__asm__ volatile("fldcw %0" : : "m"(control));
}

RULE(float_control_survives_a_switch)
{
	pid_t pid = fork();

	if (pid == 0) {
		set_floats(0x1f80, 0x037f);
		for (int i = 0; i < 50; i++)
			sched_yield();
		_exit(0);
	}
	set_floats(0x7f80, 0x0f7f);
	waitpid(pid, NULL, 0);
	say("mxcsr=%x x87=%x", _mm_getcsr() & 0xffc0u, x87_control());
}

RULE(float_control_of_a_child)
{
	set_floats(0x3f80, 0x027f);
	if (fork() == 0) {
		say("child=%x,%x", _mm_getcsr() & 0xffc0u, x87_control());
		_exit(0);
	}
	wait(NULL);
}

RULE(unknown_number)
{
	say("%ld %ld %ld", call0(9999), call0(0x7fffffff), call0(600));
}

RULE(negative_number)
{
	say("%ld %ld", call0(-1), call0((int)0x80000000));
}

RULE(bit_31_makes_it_negative)
{
	say("%ld", call0(0x80000000 | SYS_getpid));
}

RULE(x32_numbers)
{
	say("%ld", call0(0x40000000 | SYS_getpid));
}

RULE(upper_halves_of_int_arguments)
{
	long result, fd = (long)0xdead00000000 | 1;

	__asm__ volatile("syscall"
			 : "=a"(result)
			 : "a"(SYS_fcntl), "D"(fd), "S"((long)0xbeef00000000 | 1)
			 : "rcx", "r11", "memory");
	say("F_GETFD=%ld", result);
}

RULE(fs_base)
{
	unsigned long base = 0, self;

	__asm__ volatile("mov %%fs:0, %0" : "=r"(self));
	ask("get", syscall(SYS_arch_prctl, 0x1003, &base));
	say("same=%d", base == self);
	ask("kernel half", syscall(SYS_arch_prctl, 0x1002, 0xffff800000000000));
	ask("non-canonical", syscall(SYS_arch_prctl, 0x1002, 0x0000800000000000));
}

RULE(gs_base)
{
	static unsigned long there = 0x1234;
	unsigned long base = 0, value;

	ask("set", syscall(SYS_arch_prctl, 0x1001, &there));
	ask("get", syscall(SYS_arch_prctl, 0x1004, &base));
	sched_yield();
	__asm__ volatile("mov %%gs:0, %0" : "=r"(value));
	say("same=%d value=%lx", base == (unsigned long)&there, value);
}

RULE(unknown_arch_prctl)
{
	ask("3001", syscall(SYS_arch_prctl, 0x3001, 0));
	ask("1234", syscall(SYS_arch_prctl, 0x1234, 0));
	ask("bad pointer", syscall(SYS_arch_prctl, 0x1003, 8));
}
