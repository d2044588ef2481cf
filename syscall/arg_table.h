/* SPDX-License-Identifier: BSD-2-Clause */
#pragma once
/* What each argument of each call is: the data behind the bad-pointer matrix (P-M4-13, P-M4-14). */
#include "syscall/arg_types.h"

/** All rows, calls without arguments too. */
const struct arg_row *arg_table(size_t *count);

/** Pointer arguments over all rows: the cells a complete matrix has per bad pointer. */
size_t arg_table_pointers(void);
