/* SPDX-License-Identifier: BSD-2-Clause */
#pragma once
/* Powers of two, alignment and bit fields. */
#include "kernel/lib/compiler.h"
#include "kernel/lib/types.h"

#define BIT(n)             (1ull << (n))
#define KIB(n)             ((uint64_t)(n) << 10)
#define MIB(n)             ((uint64_t)(n) << 20)
#define GIB(n)             ((uint64_t)(n) << 30)
#define DIV_ROUND_UP(a, b) (((a) + (b)-1) / (b))

/* Each argument is evaluated once, so it may be what an interrupt changes meanwhile. In functions.
 */
#define SWAP(a, b)                          \
	do {                                \
		__typeof__(a) swap_ = (a);  \
		(a) = (b);                  \
		(b) = swap_;                \
	} while (0)
#define MIN(a, b) PICK_ONE(<, a, b, UNIQUE_NAME(pick_), UNIQUE_NAME(pick_))
#define MAX(a, b) PICK_ONE(>, a, b, UNIQUE_NAME(pick_), UNIQUE_NAME(pick_))
#define PICK_ONE(before, a, b, one, other)         \
	({                                         \
		__typeof__((a) + (b)) one = (a);   \
		__typeof__((a) + (b)) other = (b); \
		one before other ? one : other;    \
	})

/*
 * An index below @size (checked before; both below 2^63) that stays so even where the CPU runs
 * ahead of the check: else 0. Costs three instructions and no branch.
 */
static inline uint64_t index_masked(uint64_t index, uint64_t size)
{
	return index & (uint64_t)((int64_t)(HIDE_VALUE(index) - size) >> 63);
}

static inline bool is_power_of_two(uint64_t value)
{
	return value && !(value & (value - 1));
}

static inline uint64_t align_down(uint64_t value, uint64_t alignment)
{
	return value & ~(alignment - 1);
}

/* Wraps to 0 near 2^64: callers check first where the value comes from outside. */
static inline uint64_t align_up(uint64_t value, uint64_t alignment)
{
	return (value + alignment - 1) & ~(alignment - 1);
}

static inline bool is_aligned(uint64_t value, uint64_t alignment)
{
	return !(value & (alignment - 1));
}

/* Index of the highest set bit; value must not be 0. */
static inline unsigned log2_floor(uint64_t value)
{
	return 63u - (unsigned)__builtin_clzll(value);
}

/* Smallest n with 2^n >= value; value must not be 0. */
static inline unsigned log2_ceil(uint64_t value)
{
	return value == 1 ? 0 : log2_floor(value - 1) + 1;
}
