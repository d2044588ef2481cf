/* SPDX-License-Identifier: BSD-2-Clause */
/* P-M7-03: no word on a fresh stack is an address of the kernel's; AT_RANDOM differs per exec. */
#include "selftest/user/again.h"

#define SYS_dup2 33

#define EXECS       4
#define TELL_FD     20
#define KERNEL_HALF 0xffff800000000000ul
#define AT_BASE_MAX 64

static uint64_t samples[EXECS][2];
static const uint64_t *start_stack;

/* Everything from the stack pointer to the last string; AT_RANDOM's bytes may look like anything.
 */
static int is_clean(const uint64_t *stack)
{
	const uint64_t *random = (const uint64_t *)aux_value(stack, AT_RANDOM);
	const uint64_t *end = (const uint64_t *)(aux_value(stack, AT_EXECFN) & ~7ul);

	if (!random || end < stack)
		return 0;
	for (const uint64_t *at = stack; at < end; at++) {
		int own = at + 1 > random && at < random + 2;

		if (*at >= KERNEL_HALF && *at != UINT64_MAX && !own)
			return 0;
	}
	return 1;
}

/* The page below the vDSO: a few words of a clock, and nothing behind them. */
static int is_clean_page(const uint64_t *words)
{
	for (size_t i = 0; i < PAGE / 8; i++)
		if (words[i] >= KERNEL_HALF || (i >= 8 && words[i]))
			return 0;
	return 1;
}

static int has_clean_vector(const uint64_t *stack)
{
	for (uint64_t type = 1; type < AT_BASE_MAX; type++)
		if (aux_value(stack, type) >= KERNEL_HALF)
			return 0;
	return is_clean_page((const uint64_t *)(aux_value(stack, AT_SYSINFO_EHDR) - PAGE));
}

static _Noreturn void tell(const uint64_t *stack)
{
	if (!is_clean(stack) || !has_clean_vector(stack))
		sys_exit(2);
	sys_exit(sys3(SYS_write, TELL_FD, (long)aux_value(stack, AT_RANDOM), 16) == 16 ? 0 : 3);
}

static void run(long unused)
{
	(void)unused;
	again(start_stack, 't');
}

void test_main(const uint64_t *stack)
{
	int ends[2];

	if (again_word(stack))
		tell(stack);
	start_stack = stack;
	CHECK(is_clean(stack) && has_clean_vector(stack));
	CHECK(sys3(SYS_pipe2, (long)ends, 0, 0) == 0);
	CHECK(sys3(SYS_dup2, ends[1], TELL_FD, 0) == TELL_FD);
	for (int i = 0; i < EXECS; i++) {
		CHECK(run_child(run, 0) == 0);
		CHECK(sys3(SYS_read, ends[0], (long)samples[i], 16) == 16);
		CHECK(samples[i][0] && samples[i][1] && samples[i][0] != samples[i][1]);
		for (int j = 0; j < i; j++)
			CHECK(samples[i][0] != samples[j][0] && samples[i][1] != samples[j][1]);
	}
}
