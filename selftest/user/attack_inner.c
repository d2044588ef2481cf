/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * P-M4-15: pointers inside what arguments point to get the same columns; lengths that wrap in sum
 * or by themselves are refused.
 */
#include "selftest/user/ptr_matrix.h"

#define SYS_readv    19
#define SYS_writev   20
#define SYS_pselect6 270
#define INNER_BYTES  64

static unsigned cells;

static long try_readv(uint64_t at)
{
	uint64_t vector[4] = {(uint64_t)good_pages[0], 0, at, INNER_BYTES};

	return sys3(SYS_readv, FD_FILE, (long)vector, 2);
}

static long try_writev(uint64_t at)
{
	uint64_t vector[4] = {(uint64_t)good_pages[0], 0, at, INNER_BYTES};

	return sys3(SYS_writev, FD_FILE, (long)vector, 2);
}

static long try_argv(uint64_t at)
{
	uint64_t argv[2] = {at, 0};

	return sys3(SYS_execve, (long)"/.selftest", (long)argv, 0);
}

static long try_envp(uint64_t at)
{
	uint64_t envp[3] = {(uint64_t) "A=1", at, 0};

	return sys3(SYS_execve, (long)"/.selftest", 0, (long)envp);
}

static long try_mask(uint64_t at)
{
	uint64_t mask[2] = {at, 8};
	uint64_t zero[2] = {0, 0};

	return sys6(SYS_pselect6, 0, 0, 0, 0, (long)zero, (long)mask);
}

/* What the inner pointer is, as a row of syscalls.def would say it. */
static const struct {
	long (*try)(uint64_t at);
	struct arg_type type;
} inner[] = {
	{try_readv, OUT(INNER_BYTES)}, {try_writev, IN(INNER_BYTES)}, {try_argv, OPT(STR)},
	{try_envp, OPT(STR)},          {try_mask, OPT(IN(8))},
};

static void attack(unsigned which)
{
	const struct arg_type *type = &inner[which].type;
	uint64_t n = type->kind == ARG_STRING ? 2 : type->size;

	for (unsigned column = 0; column < BADPTR_COUNT; column++) {
		if (!badptr_applies(column, type))
			continue;
		sys3(SYS_lseek, FD_FILE, 0, 0);
		cells++;
		if (inner[which].try(badptr_address(column, n)) !=
		    cell_answer(column, n == INNER_BYTES, n)) {
			sys3(SYS_test_report, which * 100 + column + 10000, 0, cells);
			matrix_end();
			sys_exit(1);
		}
	}
}

/* Lengths: each alone below 2^63, the sum cut and never wrapped; the range check sees each whole.
 */
static void attack_lengths(void)
{
	uint64_t page = (uint64_t)good_pages[1];
	uint64_t negative[4] = {page, 8, page, 1ul << 63};
	uint64_t huge[4] = {page, 8, page, (1ul << 63) - 8};
	uint64_t wraps_32[4] = {page, 0xffffffff, page, 9};

	CHECK(sys3(SYS_readv, FD_FILE, (long)negative, 2) == -EINVAL);
	CHECK(sys3(SYS_readv, FD_FILE, (long)huge, 2) == -EFAULT);
	CHECK(sys3(SYS_lseek, FD_FILE, FILE_BYTES - 16, 0) == FILE_BYTES - 16);
	CHECK(sys3(SYS_readv, FD_FILE, (long)wraps_32, 2) == 16);
	CHECK(sys3(SYS_readv, FD_FILE, (long)wraps_32, -1) == -EINVAL);
	CHECK(sys3(SYS_readv, FD_FILE, (long)wraps_32, 1025) == -EINVAL);
	CHECK(sys3(SYS_read, FD_FILE, (long)page, -1) == -EFAULT);
	CHECK(sys3(SYS_read, FD_FILE, (long)page, 1l << 47) == -EFAULT);
}

void test_main(const uint64_t *stack)
{
	(void)stack;
	matrix_begin(stack);
	for (unsigned which = 0; which < sizeof(inner) / sizeof(inner[0]); which++)
		attack(which);
	attack_lengths();
	matrix_end();
	test_checks = cells;
}
