/* SPDX-License-Identifier: BSD-2-Clause */
#pragma once
/*
 * Compares this CPU's control registers, MSRs and tables with one table: permanent code, run by
 * each CPU when it starts and by the selftests.
 */
#include "kernel/lib/types.h"

struct cpu_check {
	const char *name;
	uint64_t (*read)(void);
	uint64_t mask; /* the bits that count */
	uint64_t (*wanted)(void);
};

/* Return: NULL when all is as wanted, else the name of the first register that is not. */
const char *cpu_verify(void);
/* The table, for tests that want each row. */
const struct cpu_check *cpu_checks(size_t *count);
