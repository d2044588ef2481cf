/* SPDX-License-Identifier: BSD-2-Clause */
#pragma once
/* The only way lifetimes are counted: saturates instead of wrapping, asserts on underflow. */
#include "kernel/lib/assert.h"
#include "kernel/lib/types.h"

#define REFCOUNT_SATURATED 0xc0000000u

struct refcount {
	uint32_t value;
};

#define REFCOUNT_INIT(n)     \
	{                    \
		.value = (n) \
	}

static inline void refcount_init(struct refcount *count, uint32_t value)
{
	__atomic_store_n(&count->value, value, __ATOMIC_RELAXED);
}

static inline uint32_t refcount_read(const struct refcount *count)
{
	return __atomic_load_n(&count->value, __ATOMIC_RELAXED);
}

/* Whether the caller's reference is the only one: what the others did before they dropped theirs
 * is seen. Nobody else can take one from the caller's meanwhile. */
static inline bool refcount_is_last(const struct refcount *count)
{
	return __atomic_load_n(&count->value, __ATOMIC_ACQUIRE) == 1;
}

/* Context: any; the caller holds a reference already. */
static inline void refcount_get(struct refcount *count)
{
	uint32_t old = __atomic_fetch_add(&count->value, 1, __ATOMIC_RELAXED);

	if (unlikely(old - 1 >= REFCOUNT_SATURATED - 1)) {
		ASSERT(old != 0);
		__atomic_store_n(&count->value, REFCOUNT_SATURATED, __ATOMIC_RELAXED);
	}
}

/* Takes a reference unless the count is 0 already. */
static inline bool refcount_get_unless_zero(struct refcount *count)
{
	uint32_t old = refcount_read(count);

	do {
		if (old == 0)
			return false;
	} while (!__atomic_compare_exchange_n(&count->value, &old, old + 1, true, __ATOMIC_RELAXED,
					      __ATOMIC_RELAXED));
	return true;
}

/*
 * Adds @change, which may be the complement of a number to take away, unless the count is
 * saturated. Return: what it is now. The caller knows that it neither wraps nor is the last's end.
 */
static inline uint32_t refcount_add(struct refcount *count, uint32_t change)
{
	uint32_t old = refcount_read(count);

	do {
		if (old >= REFCOUNT_SATURATED)
			return old;
	} while (!__atomic_compare_exchange_n(&count->value, &old, old + change, true,
					      __ATOMIC_SEQ_CST, __ATOMIC_RELAXED));
	return old + change;
}

/* Drops a reference unless it is the last one; true when it did. */
static inline bool refcount_put_unless_last(struct refcount *count)
{
	uint32_t old = refcount_read(count);

	do {
		if (old <= 1 || old >= REFCOUNT_SATURATED)
			return false;
	} while (!__atomic_compare_exchange_n(&count->value, &old, old - 1, true, __ATOMIC_RELEASE,
					      __ATOMIC_RELAXED));
	return true;
}

/* Drops a reference; true for the caller that dropped the last one. */
static inline bool refcount_put(struct refcount *count)
{
	uint32_t old = refcount_read(count);

	if (unlikely(old >= REFCOUNT_SATURATED))
		return false;
	old = __atomic_fetch_sub(&count->value, 1, __ATOMIC_ACQ_REL);
	ASSERT(old != 0);
	return old == 1;
}
