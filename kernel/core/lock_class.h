/* SPDX-License-Identifier: BSD-2-Clause */
#pragma once
/* The classes of lock_order.def: a class's value is its rank. */

enum lock_kind { LOCK_KIND_MUTEX, LOCK_KIND_SPIN, LOCK_KIND_IRQ };

enum lock_class {
#define LOCK_CLASS(rank, name, kind, protects) name = (rank),
#include "kernel/core/lock_order.def"
#undef LOCK_CLASS
};

#define LOCK_RANK_COUNT 64
/* From here on the classes of kind IRQ (lock_order_sound() checks it). */
#define LOCK_IRQ_FIRST 40

/** The name of a rank in lock_order.def ("LOCK_FRAME"), or "no such lock". */
const char *lock_name(unsigned rank);
