/* SPDX-License-Identifier: BSD-2-Clause */
#pragma once
/*
 * How one row of syscalls.def, native.def or variants.def is read. Standing alone, so that the
 * ring-3 test program expands the same rows as the kernel.
 */
#include "kernel/lib/types.h"

enum arg_kind {
	ARG_NONE,
	ARG_VALUE,
	ARG_STRING,
	ARG_STRINGS,
	ARG_BYTES, /* size bytes, or as many as argument len_from says times size */
	ARG_IOVEC, /* argument len_from iovecs */
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
	uint8_t selector;   /* the argument that chooses the meaning of the others, or ARG_NO_LEN */
	uint32_t selection; /* its value */
	uint32_t count;
	const char *name;
	struct arg_type args[6];
};

#define VAL                                               \
	{                                                 \
		.kind = ARG_VALUE, .len_from = ARG_NO_LEN \
	}
#define STR                                                                    \
	{                                                                      \
		.kind = ARG_STRING, .flags = ARG_READS, .len_from = ARG_NO_LEN \
	}
#define STRV                                                                    \
	{                                                                       \
		.kind = ARG_STRINGS, .flags = ARG_READS, .len_from = ARG_NO_LEN \
	}
#define BYTES(way, n, from)                                                        \
	{                                                                          \
		.kind = ARG_BYTES, .flags = (way), .len_from = (from), .size = (n) \
	}
#define IN(n)             BYTES(ARG_READS, n, ARG_NO_LEN)
#define OUT(n)            BYTES(ARG_WRITES, n, ARG_NO_LEN)
#define INOUT(n)          BYTES(ARG_READS | ARG_WRITES, n, ARG_NO_LEN)
#define IN_LEN(i)         BYTES(ARG_READS, 1, i)
#define OUT_LEN(i)        BYTES(ARG_WRITES, 1, i)
#define IN_ARRAY(n, i)    BYTES(ARG_READS, n, i)
#define OUT_ARRAY(n, i)   BYTES(ARG_WRITES, n, i)
#define INOUT_ARRAY(n, i) BYTES(ARG_READS | ARG_WRITES, n, i)
#define IOV(way, i)                                                            \
	{                                                                      \
		.kind = ARG_IOVEC, .flags = (way), .len_from = (i), .size = 16 \
	}
#define IOV_IN(i)  IOV(ARG_READS, i)
#define IOV_OUT(i) IOV(ARG_WRITES, i)
#define OPT(type)  ARG_OPT_##type
#define ARG_OPT_STR                                                                           \
	{                                                                                     \
		.kind = ARG_STRING, .flags = ARG_READS | ARG_OPTIONAL, .len_from = ARG_NO_LEN \
	}
#define ARG_OPT_STRV                                                                           \
	{                                                                                      \
		.kind = ARG_STRINGS, .flags = ARG_READS | ARG_OPTIONAL, .len_from = ARG_NO_LEN \
	}
#define ARG_OPT_IN(n)      BYTES(ARG_READS | ARG_OPTIONAL, n, ARG_NO_LEN)
#define ARG_OPT_OUT(n)     BYTES(ARG_WRITES | ARG_OPTIONAL, n, ARG_NO_LEN)
#define ARG_OPT_INOUT(n)   BYTES(ARG_READS | ARG_WRITES | ARG_OPTIONAL, n, ARG_NO_LEN)
#define ARG_OPT_OUT_LEN(i) BYTES(ARG_WRITES | ARG_OPTIONAL, 1, i)

#define COUNT_ARGS(...) (sizeof((struct arg_type[]){__VA_ARGS__}) / sizeof(struct arg_type))

/* One row; a selector of ARG_NO_LEN for calls whose arguments always mean the same. */
#define ARG_ROW(nr, call, selector_, selection_, ...) \
	{.number = (nr),                              \
	 .selector = (selector_),                     \
	 .selection = (selection_),                   \
	 .count = COUNT_ARGS(__VA_ARGS__),            \
	 .name = #call,                               \
	 .args = {__VA_ARGS__}},

static inline bool arg_is_pointer(const struct arg_type *type)
{
	return type->kind != ARG_NONE && type->kind != ARG_VALUE;
}
