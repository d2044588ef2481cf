/* SPDX-License-Identifier: BSD-2-Clause */
#include "syscall/arg_table.h"

#include "kernel/lib/compiler.h"

#define VAL                  {.kind = ARG_VALUE, .len_from = ARG_NO_LEN}
#define STR                  {.kind = ARG_STRING, .flags = ARG_READS, .len_from = ARG_NO_LEN}
#define STRV                 {.kind = ARG_STRINGS, .flags = ARG_READS, .len_from = ARG_NO_LEN}
#define BYTES(way, n, from)  {.kind = ARG_BYTES, .flags = (way), .len_from = (from), .size = (n)}
#define IN(n)                BYTES(ARG_READS, n, ARG_NO_LEN)
#define OUT(n)               BYTES(ARG_WRITES, n, ARG_NO_LEN)
#define INOUT(n)             BYTES(ARG_READS | ARG_WRITES, n, ARG_NO_LEN)
#define IN_LEN(i)            BYTES(ARG_READS, 1, i)
#define OUT_LEN(i)           BYTES(ARG_WRITES, 1, i)
#define IN_ARRAY(n, i)       BYTES(ARG_READS, n, i)
#define OUT_ARRAY(n, i)      BYTES(ARG_WRITES, n, i)
#define INOUT_ARRAY(n, i)    BYTES(ARG_READS | ARG_WRITES, n, i)
#define IOV(way, i)          {.kind = ARG_IOVEC, .flags = (way), .len_from = (i), .size = 16}
#define IOV_IN(i)            IOV(ARG_READS, i)
#define IOV_OUT(i)           IOV(ARG_WRITES, i)
#define OPT(type)            ARG_OPT_##type
#define ARG_OPT_STR          {.kind = ARG_STRING, .flags = ARG_READS | ARG_OPTIONAL, .len_from = ARG_NO_LEN}
#define ARG_OPT_STRV         {.kind = ARG_STRINGS, .flags = ARG_READS | ARG_OPTIONAL, .len_from = ARG_NO_LEN}
#define ARG_OPT_IN(n)        BYTES(ARG_READS | ARG_OPTIONAL, n, ARG_NO_LEN)
#define ARG_OPT_OUT(n)       BYTES(ARG_WRITES | ARG_OPTIONAL, n, ARG_NO_LEN)
#define ARG_OPT_INOUT(n)     BYTES(ARG_READS | ARG_WRITES | ARG_OPTIONAL, n, ARG_NO_LEN)

#define COUNT_ARGS(...)      (sizeof((struct arg_type[]){__VA_ARGS__}) / sizeof(struct arg_type))

static const struct arg_row rows[] = {
#define SYSCALL(nr, call, ...) \
	{.number = (nr), .count = COUNT_ARGS(__VA_ARGS__), .name = #call, .args = {__VA_ARGS__}},
#include "syscall/native.def"
#include "syscall/syscalls.def"
#undef SYSCALL
};

const struct arg_row *arg_table(size_t *count)
{
	*count = ARRAY_SIZE(rows);
	return rows;
}

static bool is_pointer(const struct arg_type *type)
{
	return type->kind != ARG_NONE && type->kind != ARG_VALUE;
}

size_t arg_table_pointers(void)
{
	size_t pointers = 0;

	for (size_t row = 0; row < ARRAY_SIZE(rows); row++)
		for (size_t i = 0; i < rows[row].count; i++)
			pointers += is_pointer(&rows[row].args[i]);
	return pointers;
}
