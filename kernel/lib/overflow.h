/* SPDX-License-Identifier: BSD-2-Clause */
#pragma once
/* Size arithmetic that says when it wraps. Each returns true on overflow, as the builtins do. */
#include "kernel/lib/types.h"

#define add_overflows(a, b, result) __builtin_add_overflow((a), (b), (result))
#define sub_overflows(a, b, result) __builtin_sub_overflow((a), (b), (result))
#define mul_overflows(a, b, result) __builtin_mul_overflow((a), (b), (result))

/* Whether [offset, offset + len) lies inside [0, size). */
static inline bool range_within(uint64_t offset, uint64_t len, uint64_t size)
{
	return len <= size && offset <= size - len;
}
