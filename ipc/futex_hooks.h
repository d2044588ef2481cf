/* SPDX-License-Identifier: BSD-2-Clause */
#pragma once
/* What futexes need to know of threads by number; proc defines it. */
#include "kernel/lib/types.h"

struct thread;

/** From here to futex_owners_release() no thread's memory goes. Context: as a spinlock. */
void futex_owners_hold(void);
void futex_owners_release(void);

/** The thread of a process with this number, or NULL. Context: between those two. */
struct thread *futex_owner_find(uint32_t number);
