/* SPDX-License-Identifier: BSD-2-Clause */
#pragma once
/* Spinlocks of one CPU: they are free and taken in order, or the test ends. */
#include <stdlib.h>

#include "kernel/core/spinlock.h"

void spin_lock_contended(struct spinlock *lock, const char *place)
{
	(void)lock, (void)place;
	abort();
}

void spin_rank_violation(const struct spinlock *lock, uint64_t held)
{
	(void)lock, (void)held;
	abort();
}

void spin_context_violation(const struct spinlock *lock)
{
	(void)lock;
	abort();
}
