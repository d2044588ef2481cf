/* SPDX-License-Identifier: BSD-2-Clause */
#pragma once
/*
 * Kernel stacks: in a region of their own, an unmapped guard below and above each. Freed stacks
 * are kept mapped by each CPU up to a small number, so that fork and exit need no page-table work.
 *
 * Context: as mm/frame.h.
 */
#include "kernel/lib/san.h"

#include "mm/addr.h"

/* The compiler's checks of variables on the stack need room between them. */
#define KSTACK_PAGES (CONFIG_SAN ? 8 : 4)
#define KSTACK_SIZE  (KSTACK_PAGES * PAGE_SIZE)
#define KSTACK_GUARD (KSTACK_PAGES * PAGE_SIZE)
#define KSTACK_STEP  (KSTACK_SIZE + KSTACK_GUARD)
#define KSTACK_LIMIT 65536u /* stacks at once: twice the number of process ids */

/** A stack: its lowest address (the stack pointer starts at + KSTACK_SIZE), or NULL. */
void *kstack_alloc(void) __must_check;
/** Give a stack back; nobody may run on it. NULL is allowed. */
void kstack_free(void *stack);

/** Whether @address lies in a guard page of the stack region (for fault reports). */
bool kstack_is_guard(uint64_t address);
/** Give the cached stacks back to the frame allocator (exact tests). */
void kstack_drain(void);

/* DEBUG builds: how deep the stack of a thread is used. One that was marked, and then used but for
 * its last KSTACK_SPARE bytes, is reported when it is freed; beyond them is the guard. */
#define KSTACK_SPARE 2048u
void kstack_mark(void *stack);
void kstack_measure(const void *stack);
/** The most bytes that a stack which was freed since boot had used. */
uint32_t kstack_deepest(void);
