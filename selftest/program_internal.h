/* SPDX-License-Identifier: BSD-2-Clause */
#pragma once
/* The programs in the kernel image; selftest/user/user.mk makes the entries. */
#include "kernel/lib/types.h"

struct test_program {
	const char *name;
	const void *elf;
	uint64_t size;
};

extern const struct test_program test_programs_start[], test_programs_end[];
