/* SPDX-License-Identifier: BSD-2-Clause */
#include "syscall/arg_table.h"

#include "kernel/lib/compiler.h"

static const struct arg_row rows[] = {
#include "syscall/arg_rows.inc"
};

const struct arg_row *arg_table(size_t *count)
{
	*count = ARRAY_SIZE(rows);
	return rows;
}
