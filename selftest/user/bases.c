/* SPDX-License-Identifier: BSD-2-Clause */
/* P-M6-04: FS and GS bases are each process's own, and never an address of the kernel's. */
#include "selftest/user/probe.h"

#define ARCH_SET_GS 0x1001
#define ARCH_SET_FS 0x1002
#define ARCH_GET_FS 0x1003
#define ARCH_GET_GS 0x1004

#define KERNEL_HALF 0xffff800000000000ul
#define USER_END    0x7ffffffff000ul
#define TURNS       30

static uint64_t words[2][64];

static uint64_t base_of(int get)
{
	uint64_t base = 1;

	return sys3(SYS_arch_prctl, get, (long)&base, 0) == 0 ? base : 1;
}

static int set(int which, const void *base)
{
	return sys3(SYS_arch_prctl, which, (long)base, 0) == 0;
}

static uint64_t read_fs(void)
{
	uint64_t value;

	__asm__ volatile("mov %%fs:8, %0" : "=r"(value));
	return value;
}

static uint64_t read_gs(void)
{
	uint64_t value;

	__asm__ volatile("mov %%gs:8, %0" : "=r"(value));
	return value;
}

/* The base differs in each process; what is found behind it as well, by copy on write. */
static void take_turns(long seed)
{
	uint64_t *fs = &words[0][seed * 8], *gs = &words[1][seed * 8];

	fs[1] = (uint64_t)seed * 3 + 1;
	gs[1] = (uint64_t)seed * 5 + 2;
	child_check(set(ARCH_SET_FS, fs) && set(ARCH_SET_GS, gs), 2);
	for (unsigned i = 0; i < test_rounds(TURNS); i++) {
		sys0(SYS_sched_yield);
		child_check(read_fs() == (uint64_t)seed * 3 + 1, 3);
		child_check(read_gs() == (uint64_t)seed * 5 + 2, 4);
	}
	child_check(base_of(ARCH_GET_FS) == (uint64_t)fs, 5);
	child_check(base_of(ARCH_GET_GS) == (uint64_t)gs, 6);
}

static void players(void)
{
	long pid[4];
	int status;

	for (long i = 0; i < 4; i++) {
		pid[i] = sys_fork();
		if (pid[i] == 0) {
			take_turns(i);
			sys_exit(0);
		}
	}
	for (long i = 0; i < 4; i++) {
		CHECK(pid[i] > 0 && sys_wait(pid[i], &status) == pid[i]);
		CHECK(status == 0);
	}
}

static void refusals(void)
{
	static const uint64_t bad[] = {USER_END,         KERNEL_HALF,          KERNEL_HALF - 8,
				       0x800000000000ul, 0xffffffff80000000ul, UINT64_MAX};

	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		CHECK(sys3(SYS_arch_prctl, ARCH_SET_FS, (long)bad[i], 0) == -EPERM);
		CHECK(sys3(SYS_arch_prctl, ARCH_SET_GS, (long)bad[i], 0) == -EPERM);
	}
	CHECK(read_fs() == 7 && read_gs() == 9);
	CHECK(sys3(SYS_arch_prctl, ARCH_GET_FS, (long)KERNEL_HALF, 0) == -EFAULT);
}

static void inherited(long unused)
{
	(void)unused;
	child_check(read_fs() == 7 && read_gs() == 9, 7);
	words[0][1] = 70;
	child_check(read_fs() == 70 && set(ARCH_SET_FS, &words[0][8]), 8);
}

static int has_fsgsbase(void)
{
	PROBE("rdfsbase %%rcx", "r"(0));
	return probed.signo == 0;
}

/* What the instruction writes may look like the kernel's; calls and switches keep it all the same.
 */
static void written_directly(void)
{
	uint64_t base;

	for (int i = 0; i < 8; i++) {
		__asm__ volatile("wrgsbase %0" ::"r"(KERNEL_HALF + (1ul << 40)));
		CHECK(sys0(SYS_sched_yield) == 0);
		__asm__ volatile("rdgsbase %0" : "=r"(base));
		CHECK(base == KERNEL_HALF + (1ul << 40));
		CHECK(probe(8, PROBE_READ) == SIGSEGV);
		PROBE("movb %%gs:8, %%cl", "r"(0));
		CHECK(probed.signo == SIGSEGV && probed.address == base + 8);
	}
	CHECK(set(ARCH_SET_GS, words[1]));
}

void test_main(const uint64_t *stack)
{
	(void)stack;
	CHECK(probe_begin());
	CHECK(base_of(ARCH_GET_FS) == 0 && base_of(ARCH_GET_GS) == 0);
	words[0][1] = 7;
	words[1][1] = 9;
	CHECK(set(ARCH_SET_FS, words[0]) && set(ARCH_SET_GS, words[1]));
	refusals();
	CHECK(run_child(inherited, 0) == 0);
	CHECK(read_fs() == 7 && read_gs() == 9);
	if (has_fsgsbase())
		written_directly();
	players();
}
