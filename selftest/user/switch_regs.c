/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * P-M6-01: three processes, each with its own pattern in every register and in the flags, give the
 * CPU away or have it taken from them: nobody finds a value that is not its own.
 */
#include "selftest/user/user.h"

#define PROCESSES 3
#define YIELDS    200
#define SPINS     1

/* 15 registers without RSP, then the flags. */
struct pattern {
	uint64_t value[16];
};
struct pattern mine, found;

/* CF, PF, AF, ZF, SF, OF and DF in eight mixtures. */
static const uint64_t flag_mixtures[] = {0x202, 0x203, 0x246, 0xa82, 0x617, 0xe92, 0x6c7, 0xed7};

#define LOAD                                                                               \
	"push %%rbp; pushq mine+120(%%rip); popf\n"                                        \
	"mov mine+8(%%rip), %%rbx; mov mine+24(%%rip), %%rdx; mov mine+32(%%rip), %%rsi\n" \
	"mov mine+40(%%rip), %%rdi; mov mine+48(%%rip), %%rbp; mov mine+56(%%rip), %%r8\n" \
	"mov mine+64(%%rip), %%r9; mov mine+72(%%rip), %%r10; mov mine+88(%%rip), %%r12\n" \
	"mov mine+96(%%rip), %%r13; mov mine+104(%%rip), %%r14; mov mine+112(%%rip), %%r15\n"

#define STORE                                                                                    \
	"mov %%rax, found(%%rip); mov %%rbx, found+8(%%rip); mov %%rcx, found+16(%%rip)\n"       \
	"mov %%rdx, found+24(%%rip); mov %%rsi, found+32(%%rip); mov %%rdi, found+40(%%rip)\n"   \
	"mov %%rbp, found+48(%%rip); mov %%r8, found+56(%%rip); mov %%r9, found+64(%%rip)\n"     \
	"mov %%r10, found+72(%%rip); mov %%r11, found+80(%%rip); mov %%r12, found+88(%%rip)\n"   \
	"mov %%r13, found+96(%%rip); mov %%r14, found+104(%%rip); mov %%r15, found+112(%%rip)\n" \
	"pushf; popq found+120(%%rip); cld; pop %%rbp\n"

#define CLOBBERS                                                                                 \
	"rax", "rbx", "rcx", "rdx", "rsi", "rdi", "r8", "r9", "r10", "r11", "r12", "r13", "r14", \
		"r15", "memory", "cc"

static void make_pattern(uint64_t seed)
{
	for (unsigned i = 0; i < 15; i++)
		mine.value[i] = (seed + 1) * 0x9e3779b97f4a7c15ul ^ (uint64_t)i << 56 ^ i;
	mine.value[15] = flag_mixtures[seed % 8];
}

/* RCX holds the return address and R11 the flags after SYSCALL. */
static int yielded_well(void)
{
	__asm__ volatile(LOAD "mov $24, %%eax; syscall\n" STORE ::: CLOBBERS);
	for (unsigned i = 0; i < 16; i++)
		if (i != 0 && i != 2 && i != 10 && found.value[i] != mine.value[i])
			return 0;
	return found.value[0] == 0 && found.value[10] == mine.value[15];
}

/* RCX counts down by instructions that leave the flags alone. */
static int spun_well(uint64_t rounds)
{
	mine.value[2] = rounds;
	__asm__ volatile(LOAD "mov mine(%%rip), %%rax; mov mine+80(%%rip), %%r11\n"
			      "mov mine+16(%%rip), %%rcx\n"
			      "1: lea -1(%%rcx), %%rcx; jrcxz 2f; jmp 1b\n"
			      "2:" STORE ::
				      : CLOBBERS);
	for (unsigned i = 0; i < 16; i++)
		if (i != 2 && found.value[i] != mine.value[i])
			return 0;
	return found.value[2] == 0;
}

static void player(long seed)
{
	for (unsigned i = 0; i < test_rounds(YIELDS); i++) {
		make_pattern((uint64_t)seed * 3 + i);
		if (!yielded_well())
			sys_exit(2);
	}
	for (unsigned i = 0; i < test_rounds(SPINS); i++)
		if (!spun_well(1000000))
			sys_exit(3);
	sys_exit(0);
}

void test_main(const uint64_t *stack)
{
	long pid[PROCESSES];
	int status;

	(void)stack;
	for (long i = 0; i < PROCESSES; i++) {
		pid[i] = sys_fork();
		if (pid[i] == 0)
			player(i);
		CHECK(pid[i] > 0);
	}
	for (long i = 0; i < PROCESSES; i++) {
		CHECK(sys_wait(pid[i], &status) == pid[i]);
		CHECK(status == 0);
	}
}
