/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * P-M6-02: the vector registers with their upper halves, MXCSR, FS and GS of a thread that goes
 * from one CPU to the other go with it.
 */
#include "selftest/user/cpus.h"
#include "selftest/user/service.h"
#include "selftest/user/threads.h"

#define ARCH_SET_GS 0x1001
#define ARCH_SET_FS 0x1002
#define MOVES       20

static struct thread other;

/* What a thread has besides its general registers, as FXSAVE and FS show it. */
static uint8_t before[512] __attribute__((aligned(16)));
static uint8_t after[512] __attribute__((aligned(16)));
static uint64_t fs_word[2], gs_word[2];

/* The sixteen vector registers whole, where they have upper halves. */
#define WIDE_BYTES 512u
static uint8_t wide_before[WIDE_BYTES], wide_after[WIDE_BYTES];

static int has_wide(void)
{
	uint32_t eax = 1, ebx, ecx = 0, edx;

	__asm__ volatile("cpuid" : "+a"(eax), "=b"(ebx), "+c"(ecx), "=d"(edx));
	return (ecx >> 27 & 3) == 3; /* OSXSAVE, AVX */
}

static void fill(uint64_t seed)
{
	uint32_t mxcsr = 0x3f80;

	__asm__ volatile("ldmxcsr %0; movq %1, %%xmm0; movq %2, %%xmm7; movq %1, %%xmm15\n"
			 "fninit; fld1; fldpi"
			 :
			 : "m"(mxcsr), "r"(seed), "r"(~seed)
			 : "xmm0", "xmm7", "xmm15");
}

/* The call and both looks in one piece: nothing of the compiler's comes between. */
static long move_to(unsigned cpu)
{
	uint64_t set[16] = {1ull << cpu};
	long result;

	__asm__ volatile("fxsave64 %[before]; syscall; fxsave64 %[after]"
			 : "=a"(result), [before] "=m"(before), [after] "=m"(after)
			 : "0"((long)SYS_sched_setaffinity), "D"(0l), "S"(sizeof(set)), "d"(set)
			 : "rcx", "r11", "memory");
	return result;
}

static long move_wide_to(unsigned cpu)
{
	uint64_t set[16] = {1ull << cpu};
	long result;

	__asm__ volatile(".irp r, 0,1,2,3,4,5,6,7,8,9,10,11,12,13,14,15\n"
			 "vmovdqu \\r*32(%[before]), %%ymm\\r\n"
			 ".endr\n"
			 "syscall\n"
			 ".irp r, 0,1,2,3,4,5,6,7,8,9,10,11,12,13,14,15\n"
			 "vmovdqu %%ymm\\r, \\r*32(%[after])\n"
			 ".endr\n"
			 "vzeroupper"
			 : "=a"(result)
			 : "0"((long)SYS_sched_setaffinity), "D"(0l), "S"(sizeof(set)),
			   "d"(set), [before] "r"(wide_before), [after] "r"(wide_after)
			 : "rcx", "r11", "memory", "xmm0", "xmm1", "xmm2", "xmm3", "xmm4", "xmm5",
			   "xmm6", "xmm7", "xmm8", "xmm9", "xmm10", "xmm11", "xmm12", "xmm13",
			   "xmm14", "xmm15");
	return result;
}

static void moves_wide(void)
{
	for (unsigned i = 0; has_wide() && i < test_rounds(MOVES); i++) {
		for (unsigned at = 0; at < WIDE_BYTES; at++)
			wide_before[at] = (uint8_t)(at * 7 + at / 32 + i);
		CHECK(move_wide_to(i & 1) == 0);
		for (unsigned at = 0; at < WIDE_BYTES; at++)
			CHECK(wide_before[at] == wide_after[at]);
	}
}

static void moves(void)
{
	uint64_t word;

	CHECK(sys3(SYS_arch_prctl, ARCH_SET_FS, (long)fs_word, 0) == 0);
	CHECK(sys3(SYS_arch_prctl, ARCH_SET_GS, (long)gs_word, 0) == 0);
	for (unsigned i = 0; i < test_rounds(MOVES); i++) {
		fs_word[0] = i;
		gs_word[0] = ~(uint64_t)i;
		fill(0x0123456789abcdefull * (i + 1));
		CHECK(move_to(i & 1) == 0);
		__asm__ volatile("mov %%fs:0, %0" : "=r"(word));
		CHECK(word == i);
		__asm__ volatile("mov %%gs:0, %0" : "=r"(word));
		CHECK(word == ~(uint64_t)i);
		CHECK(cpu_of_this() == (i & 1));
		/* MXCSR's and x87's words, ST0-7, XMM0-15. */
		for (unsigned at = 0; at < 416; at++)
			CHECK(before[at] == after[at]);
	}
}

/* A thread that stays on CPU 1 has its own all the while. */
static volatile uint32_t stop, strange;

static void stays(long seed)
{
	uint64_t seen, set[16] = {0};

	/* It begins where its maker may run. */
	CHECK(sys3(SYS_sched_getaffinity, 0, sizeof(set), (long)set) > 0 && set[0] == 1);
	run_on(1);
	while (!stop) {
		__asm__ volatile("movq %1, %%xmm9; mov $24, %%eax; syscall; movq %%xmm9, %0"
				 : "=r"(seen)
				 : "r"(seed)
				 : "rax", "rcx", "r11", "memory", "xmm9");
		strange += seen != (uint64_t)seed;
	}
}

void test_main(const uint64_t *stack)
{
	(void)stack;
	run_on(0);
	CHECK(thread_start(&other, stays, 0x5555aaaa) > 0);
	moves();
	moves_wide();
	stop = 1;
	thread_join(&other);
	CHECK(strange == 0);
}
