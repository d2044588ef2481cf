/* SPDX-License-Identifier: BSD-2-Clause */
#pragma once
/* The classes of lock_order.def: a class's value is its rank. */
#include "kernel/lib/types.h"

enum lock_kind { LOCK_KIND_MUTEX, LOCK_KIND_SPIN, LOCK_KIND_IRQ };

enum lock_class {
#define LOCK_CLASS(rank, name, kind, protects) name = (rank),
#include "kernel/core/lock_order.def"
#undef LOCK_CLASS
};

#define LOCK_RANK_COUNT 64
/* From here on the classes of kind IRQ (lock_order_sound() checks it). */
#define LOCK_IRQ_FIRST 41

/** A class as the one bit that masks of held ranks, and the locks themselves, know it by. */
static inline uint64_t lock_bit(enum lock_class class)
{
	return 1ull << class;
}

/** The rank of @bit; 0: a lock that nobody has made. */
static inline uint32_t lock_rank(uint64_t bit)
{
	return bit ? (uint32_t)__builtin_ctzll(bit) : 0;
}

/** The name of a rank in lock_order.def ("LOCK_FRAME"), or "no such lock". */
const char *lock_name(unsigned rank);
