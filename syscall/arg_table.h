/* SPDX-License-Identifier: BSD-2-Clause */
#pragma once
/* What each argument of each call is: the data behind the bad-pointer matrix (P-M4-13, P-M4-14). */
#include "kernel/lib/types.h"

enum arg_kind {
	ARG_NONE,
	ARG_VALUE,
	ARG_STRING,
	ARG_STRINGS,
	ARG_BYTES,  /* size bytes, or as many as argument len_from says times size */
	ARG_IOVEC,  /* argument len_from iovecs */
};

#define ARG_READS    1u
#define ARG_WRITES   2u
#define ARG_OPTIONAL 4u
#define ARG_NO_LEN   0xffu

struct arg_type {
	uint8_t kind;
	uint8_t flags;
	uint8_t len_from; /* index of the argument that holds the count, or ARG_NO_LEN */
	uint8_t pad;
	uint32_t size;
};

struct arg_row {
	uint32_t number;
	uint32_t count;
	const char *name;
	struct arg_type args[6];
};

/** All rows, calls without arguments too. */
const struct arg_row *arg_table(size_t *count);

/** Pointer arguments over all rows: the cells a complete matrix has per bad pointer. */
size_t arg_table_pointers(void);
