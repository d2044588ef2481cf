/* SPDX-License-Identifier: BSD-2-Clause */
/* P-M2-05: si_signo, si_code and si_addr of each exception, and where the handler finds RIP. */
#include "selftest/user/signals.h"

#define AT_RIP        1ul /* si_addr is the instruction's address */
#define READ_ONLY     1
#define NON_CANONICAL 0x8000000000000000ul
#define KERNEL_HALF   0xffff800000000000ul
#define UNMAPPED      0x10008ul

static volatile struct info seen;
static volatile uint64_t seen_rip, seen_error, seen_vector, seen_cr2;
static uint64_t resume;

/* QEMU's TCG knows no INT1, no #SS for addresses and no exceptions of SSE. */
static int is_tcg;

static int runs_on_tcg(void)
{
	uint32_t a = 1, b, c, d;

	__asm__ volatile("cpuid" : "+a"(a), "=b"(b), "=c"(c), "=d"(d));
	if (!(c >> 31))
		return 0;
	a = 0x40000000;
	__asm__ volatile("cpuid" : "+a"(a), "=b"(b), "=c"(c), "=d"(d));
	return b == 0x54474354 && c == 0x43544743 && d == 0x47435447; /* TCGTCGTCGTCG */
}

static void on_fault(int signo, struct info *info, struct context *context)
{
	(void)signo;
	seen.signo = info->signo;
	seen.code = info->code;
	seen.address = info->address;
	seen_rip = context->gregs[G_RIP];
	seen_error = context->gregs[G_ERROR];
	seen_vector = context->gregs[G_VECTOR];
	seen_cr2 = context->gregs[G_CR2];
	context->gregs[G_RIP] = resume;
	context->gregs[G_FLAGS] &= ~0x100ul;
}

/* Runs one instruction that faults; afterwards execution goes on behind it. */
#define RAISE(setup, code)                                                          \
	({                                                                          \
		uint64_t at_;                                                       \
		seen.signo = 0;                                                     \
		seen_rip = 0;                                                       \
		__asm__ volatile("lea 2f(%%rip), %%rax; mov %%rax, %1;"             \
				 "lea 1f(%%rip), %0;" setup "\n1: " code "\n2: cld" \
				 : "=&b"(at_), "=m"(resume)                         \
				 :                                                  \
				 : "rax", "rcx", "rdx", "memory", "cc");            \
		at_;                                                                \
	})

#define EXPECT(at, signal, sicode, where, number)                            \
	do {                                                                 \
		uint64_t at__ = (at);                                        \
		CHECK(seen.signo == (signal));                               \
		CHECK(seen.code == (sicode));                                \
		CHECK(seen.address == ((where) == AT_RIP ? at__ : (where))); \
		CHECK(seen_vector == (number));                              \
	} while (0)

static void plain_exceptions(void)
{
	EXPECT(RAISE("xor %%edx, %%edx; xor %%ecx, %%ecx; mov $1, %%eax;", "div %%ecx"), SIGFPE, 1,
	       AT_RIP, 0);
	CHECK(seen_rip == seen.address);
	EXPECT(RAISE("", "ud2"), SIGILL, 2, AT_RIP, 6);
	CHECK(seen_rip == seen.address);
	CHECK(RAISE("", "int3") + 1 == seen_rip);
	EXPECT(0, SIGTRAP, SI_KERNEL, 0, 3);
	RAISE("", ".byte 0xf1");
	if (!is_tcg)
		EXPECT(seen_rip, SIGTRAP, 1, AT_RIP, 1);
	RAISE("pushf; orq $0x100, (%%rsp); popf;", "nop");
	EXPECT(seen_rip, SIGTRAP, 2, AT_RIP, 1);
	EXPECT(RAISE("", "int $4"), SIGSEGV, SI_KERNEL, 0, 4);
}

static void protection_faults(void)
{
	EXPECT(RAISE("", "hlt"), SIGSEGV, SI_KERNEL, 0, 13);
	CHECK(seen_error == 0);
	EXPECT(RAISE("", "int $14"), SIGSEGV, SI_KERNEL, 0, 13);
	CHECK(seen_error == 14 * 8 + 2 || is_tcg); /* TCG: 16 for 8 in older versions */
	EXPECT(RAISE("", "int $0x20"), SIGSEGV, SI_KERNEL, 0, 13);
	EXPECT(RAISE("", "cli"), SIGSEGV, SI_KERNEL, 0, 13);
	EXPECT(RAISE("mov $0x8000000000000000, %%rcx;", "mov (%%rcx), %%al"), SIGSEGV, SI_KERNEL, 0,
	       13);
	RAISE("mov %%rsp, %%rdx; mov $0x8000000000000000, %%rcx; mov %%rbp, %%rax;"
	      "mov %%rcx, %%rbp;",
	      "mov (%%rbp), %%cl\n2: mov %%rax, %%rbp; jmp 3f\n3:");
	if (!is_tcg)
		EXPECT(0, SIGBUS, SI_KERNEL, 0, 12);
}

static void page_faults(void)
{
	static const char constant[64] = {1};
	char *inaccessible = sys_mmap(NULL, PAGE, 0, MAP_PRIVATE | MAP_ANONYMOUS);

	CHECK(!mmap_failed(inaccessible));
	EXPECT(RAISE("mov $0x10008, %%ecx;", "mov (%%rcx), %%al"), SIGSEGV, SEGV_MAPERR, UNMAPPED,
	       14);
	CHECK(seen_cr2 == UNMAPPED && seen_error == 4);
	EXPECT(RAISE("mov $0x10008, %%ecx;", "mov %%al, (%%rcx)"), SIGSEGV, SEGV_MAPERR, UNMAPPED,
	       14);
	CHECK(seen_error == 6);
	EXPECT(RAISE("mov $0xffff800000000000, %%rcx;", "mov (%%rcx), %%al"), SIGSEGV, SEGV_MAPERR,
	       KERNEL_HALF, 14);
	CHECK(seen_error == 5);
	resume = 0;
	__asm__ volatile("lea 1f(%%rip), %%rax; mov %%rax, %0; movb $0, (%1)\n1:"
			 : "=m"(resume)
			 : "r"(constant)
			 : "rax", "memory");
	EXPECT(0, SIGSEGV, SEGV_ACCERR, (uint64_t)constant, 14);
	__asm__ volatile("lea 1f(%%rip), %%rax; mov %%rax, %0; movb (%1), %%al\n1:"
			 : "=m"(resume)
			 : "r"(inaccessible)
			 : "rax", "memory");
	EXPECT(0, SIGSEGV, SEGV_ACCERR, (uint64_t)inaccessible, 14);
	__asm__ volatile("lea 1f(%%rip), %%rax; mov %%rax, %0; jmp *%1\n1:"
			 : "=m"(resume)
			 : "r"(inaccessible)
			 : "rax", "memory");
	EXPECT(0, SIGSEGV, SEGV_ACCERR, (uint64_t)inaccessible, 14);
	CHECK(seen_rip == (uint64_t)inaccessible && (seen_error & 0x10));
}

static void float_exceptions(void)
{
	static const uint16_t divide = 0x37b, invalid = 0x37e;
	static const uint32_t simd_divide = 0x1d80, simd_overflow = 0x1b80;
	static const float huge = 3e38f, one = 1.0f;

	__asm__ volatile(
		"lea 2f(%%rip), %%rax; mov %%rax, %0; fninit; fldcw %1; fld1; fldz; fdivrp;"
		"1: fwait\n2: fninit"
		: "=m"(resume)
		: "m"(divide)
		: "rax", "memory");
	EXPECT(seen_rip, SIGFPE, 3, AT_RIP, 16);
	__asm__ volatile(
		"lea 2f(%%rip), %%rax; mov %%rax, %0; fninit; fldcw %1; fldz; fldz; fdivrp;"
		"1: fwait\n2: fninit"
		: "=m"(resume)
		: "m"(invalid)
		: "rax", "memory");
	EXPECT(seen_rip, SIGFPE, 7, AT_RIP, 16);
	__asm__ volatile("lea 2f(%%rip), %%rax; mov %%rax, %0; ldmxcsr %1; xorps %%xmm0, %%xmm0;"
			 "movss %2, %%xmm1; divss %%xmm0, %%xmm1\n2:"
			 : "=m"(resume)
			 : "m"(simd_divide), "m"(one)
			 : "rax", "xmm0", "xmm1", "memory");
	if (!is_tcg)
		EXPECT(seen_rip, SIGFPE, 3, AT_RIP, 19);
	__asm__ volatile("lea 2f(%%rip), %%rax; mov %%rax, %0; ldmxcsr %1;"
			 "movss %2, %%xmm1; mulss %%xmm1, %%xmm1\n2:"
			 : "=m"(resume)
			 : "m"(simd_overflow), "m"(huge)
			 : "rax", "xmm1", "memory");
	if (!is_tcg)
		EXPECT(seen_rip, SIGFPE, 4, AT_RIP, 19);
}

/* A fault that is blocked, or ignored, ends the process all the same. */
static void fault_unheard(long ignored)
{
	if (ignored)
		action_set(SIGSEGV, SIG_IGN, 0, 0);
	else
		mask_change(SIG_BLOCK, bit(SIGSEGV), NULL);
	*(volatile char *)UNMAPPED = 1;
}

void test_main(const uint64_t *stack)
{
	static const int all[] = {SIGFPE, SIGILL, SIGTRAP, SIGSEGV, SIGBUS};

	(void)stack;
	is_tcg = runs_on_tcg();
	for (size_t i = 0; i < sizeof(all) / sizeof(all[0]); i++)
		CHECK(handle(all[i], on_fault, 0) == 0);
	plain_exceptions();
	protection_faults();
	page_faults();
	float_exceptions();
	CHECK(killed_by(run_child(fault_unheard, 0)) == SIGSEGV);
	CHECK(killed_by(run_child(fault_unheard, 1)) == SIGSEGV);
}
