/* SPDX-License-Identifier: BSD-2-Clause */
#pragma once
/*
 * Included before all else in every kernel file of the interleaving tester: each access that other
 * CPUs may see becomes a point at which the engine may let another CPU run first: atomic accesses,
 * READ_ONCE and WRITE_ONCE. Plain accesses are what locks guard: from one point to the next they
 * are one step, so a lock that is missing is seen only where an invariant shows it.
 */
#include "kernel/lib/compiler.h"
#include "kernel/lib/types.h"

enum point_kind { POINT_READ, POINT_WRITE };

/* tests/interleave/engine.c. The access at @at (NULL: a fence) is about to be done. */
void engine_point(const volatile void *at, enum point_kind kind, const char *place);

#define POINT_TEXT_OF(line) #line
#define POINT_TEXT(line)    POINT_TEXT_OF(line)
#define POINT(at, kind)     engine_point((at), (kind), __FILE__ ":" POINT_TEXT(__LINE__))

#undef READ_ONCE
#undef WRITE_ONCE
#define READ_ONCE(x)                                  \
	(*({                                          \
		POINT(&(x), POINT_READ);              \
		(const volatile __typeof__(x) *)&(x); \
	}))
#define WRITE_ONCE(x, val)                                \
	do {                                              \
		__typeof__(x) value_ = (val);             \
		POINT(&(x), POINT_WRITE);                 \
		*(volatile __typeof__(x) *)&(x) = value_; \
	} while (0)

#define __atomic_load_n(at, order) (POINT((at), POINT_READ), __atomic_load_n((at), (order)))
#define __atomic_store_n(at, value, order) \
	(POINT((at), POINT_WRITE), __atomic_store_n((at), (value), (order)))
#define __atomic_exchange_n(at, value, order) \
	(POINT((at), POINT_WRITE), __atomic_exchange_n((at), (value), (order)))
#define __atomic_compare_exchange_n(at, old, new, weak, yes, no) \
	(POINT((at), POINT_WRITE),                               \
	 __atomic_compare_exchange_n((at), (old), (new), false, (yes), (no)))
#define __atomic_fetch_add(at, value, order) \
	(POINT((at), POINT_WRITE), __atomic_fetch_add((at), (value), (order)))
#define __atomic_fetch_sub(at, value, order) \
	(POINT((at), POINT_WRITE), __atomic_fetch_sub((at), (value), (order)))
#define __atomic_add_fetch(at, value, order) \
	(POINT((at), POINT_WRITE), __atomic_add_fetch((at), (value), (order)))
#define __atomic_sub_fetch(at, value, order) \
	(POINT((at), POINT_WRITE), __atomic_sub_fetch((at), (value), (order)))
#define __atomic_fetch_or(at, value, order) \
	(POINT((at), POINT_WRITE), __atomic_fetch_or((at), (value), (order)))
#define __atomic_fetch_and(at, value, order) \
	(POINT((at), POINT_WRITE), __atomic_fetch_and((at), (value), (order)))
#define __atomic_thread_fence(order) POINT(NULL, POINT_READ)
