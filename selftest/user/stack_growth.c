/* SPDX-License-Identifier: BSD-2-Clause */
/* P-M9-10: the stack grows by touch, inside its limit only and never within 1 MiB of a neighbour.
 */
#include "selftest/user/probe.h"

#define SYS_prlimit64 302
#define RLIMIT_STACK  3

#define KIB       1024ul
#define MIB       (1024 * KIB)
#define GAP       MIB
#define LIMIT     (2 * MIB)
#define MARGIN    (160 * KIB) /* what lies above this frame: strings, vectors */
#define NEIGHBOUR (6 * MIB)

static uint8_t handler_stack[32768] __attribute__((aligned(16)));

static uint64_t here(void)
{
	uint64_t rsp;

	__asm__ volatile("mov %%rsp, %0" : "=r"(rsp));
	return rsp & ~(PAGE - 1);
}

static int limit_stack(uint64_t bytes)
{
	uint64_t limit[2] = {bytes, UINT64_MAX};

	sys6(SYS_prlimit64, 0, RLIMIT_STACK, 0, (long)limit, 0, 0);
	limit[0] = bytes;
	return sys6(SYS_prlimit64, 0, RLIMIT_STACK, (long)limit, 0, 0, 0) == 0;
}

static void to_the_limit(long unused)
{
	uint64_t top = here();

	(void)unused;
	child_check(limit_stack(LIMIT), 2);
	for (uint64_t down = PAGE; down <= LIMIT - MARGIN; down += 64 * KIB)
		child_check(probe(top - down, PROBE_WRITE) == 0, 3);
	child_check(probe(top - LIMIT, PROBE_WRITE) == SIGSEGV, 4);
	child_check(probed.address == top - LIMIT && probed.code == SEGV_MAPERR, 5);
	child_check(probe(top - LIMIT - MIB, PROBE_READ) == SIGSEGV, 6);
	/* A call's pointer makes it grow by the same rule. */
	child_check(sys3(SYS_clock_gettime, 1, (long)(top - LIMIT), 0) == -EFAULT, 7);
	child_check(limit_stack(LIMIT + MIB), 8);
	child_check(sys3(SYS_clock_gettime, 1, (long)(top - LIMIT), 0) == 0, 9);
}

static void to_the_neighbour(long unused)
{
	uint64_t top = here(), at = top - NEIGHBOUR, end = at + PAGE;
	void *map = sys_mmap((void *)at, PAGE, PROT_READ | PROT_WRITE,
			     MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED);

	(void)unused;
	child_check(map == (void *)at, 2);
	child_check(probe(end + GAP - PAGE, PROBE_WRITE) == SIGSEGV, 3);
	child_check(probed.address == end + GAP - PAGE, 4);
	child_check(probe(end, PROBE_WRITE) == SIGSEGV, 5);
	child_check(sys3(SYS_clock_gettime, 1, (long)(end + GAP - PAGE), 0) == -EFAULT, 6);
	child_check(probe(end + GAP, PROBE_WRITE) == 0, 7);
	child_check(probe(end + GAP - 1, PROBE_WRITE) == SIGSEGV, 8);
	child_check(probe(at, PROBE_WRITE) == 0, 9);
}

static __attribute__((noinline)) int go_down(int depth)
{
	volatile uint8_t frame[PAGE];

	frame[0] = (uint8_t)depth;
	if (depth == 0)
		return frame[0];
	int below = go_down(depth - 1);
	return below | (frame[0] & 0x100); /* the frame is needed until here */
}

/* Without a stack for handlers the overrun ends the process; a deep recursion inside does not. */
static void recursion(long depth)
{
	action_set(SIGSEGV, SIG_DFL, 0, 0);
	child_check(limit_stack(LIMIT), 2);
	sys_exit(go_down((int)depth));
}

void test_main(const uint64_t *stack)
{
	struct stack other = {(uint64_t)(uintptr_t)handler_stack, 0, 0, sizeof(handler_stack)};

	(void)stack;
	CHECK(sys3(SYS_sigaltstack, (long)&other, 0, 0) == 0);
	CHECK(probe_begin());
	CHECK(run_child(to_the_limit, 0) == 0);
	CHECK(run_child(to_the_neighbour, 0) == 0);
	CHECK(run_child(recursion, 100) == 0);
	CHECK(killed_by(run_child(recursion, 600)) == SIGSEGV);
}
