/* SPDX-License-Identifier: BSD-2-Clause */
#pragma once
/* The columns of the bad-pointer matrix and which apply to an argument; for kernel and program. */
#include "syscall/arg_types.h"

#define BAD_BY_CHECK    1u
#define BAD_WRITES_ONLY 2u
#define BAD_NULL        4u
#define BAD_OUT_ONLY    8u

#define BAD_LIMIT 0x7ffffffff000ul

/* What probe_state tells under this number: addresses of the kernel's, for badptr.def. */
#define PROBE_KERNEL_ADDRESSES 1u
/* The counters, caches drained. */
#define PROBE_DRAINED 2u

enum badptr {
#define BADPTR(name, flags, address) BADPTR_##name,
#include "selftest/syscall/badptr.def"
#undef BADPTR
	BADPTR_COUNT,
};

static inline unsigned badptr_flags(enum badptr column)
{
	static const uint8_t flags[] = {
#define BADPTR(name, flags, address) (flags),
#include "selftest/syscall/badptr.def"
#undef BADPTR
	};

	return flags[column];
}

/* Whether @column is bad for an argument of @type at all. */
static inline bool badptr_applies(enum badptr column, const struct arg_type *type)
{
	unsigned flags = badptr_flags(column);

	if (!arg_is_pointer(type))
		return false;
	/* The array of iovecs itself is only read. */
	if ((flags & BAD_WRITES_ONLY) && (!(type->flags & ARG_WRITES) || type->kind == ARG_IOVEC))
		return false;
	if ((flags & BAD_OUT_ONLY) && (type->flags & ARG_READS))
		return false;
	return !((flags & BAD_NULL) && (type->flags & ARG_OPTIONAL));
}
