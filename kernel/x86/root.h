/* SPDX-License-Identifier: BSD-2-Clause */
#pragma once
/*
 * A root of page tables: mm fills it, the context switch loads it. Counted: a space holds one
 * reference, and each CPU one for what its CR3 holds, so a kernel thread can borrow the last one.
 * The kernel root is not counted.
 */
#include "kernel/lib/refcount.h"
#include "kernel/lib/types.h"

struct root {
	uint64_t pml4_phys;
	struct refcount count;
	uint64_t cpu_mask; /* CPUs whose CR3 holds it; for shoot-downs */
	uint64_t id;       /* no other root's, before or after; see pcid.h */
	uint64_t flushes;  /* begun so far: for CPUs that do not hold it now */
};

/* The root without a user half; pml4_phys is set by mm when it builds the tables. */
extern struct root kernel_root;

/* One reference for the caller. */
void root_init(struct root *root, uint64_t pml4_phys);
static inline void root_get(struct root *root)
{
	refcount_get(&root->count);
}
/* The last one calls root_release(). Context: any. */
void root_put(struct root *root);
/* Loads CR3 unless it holds this root already, and moves this CPU's reference. Interrupts off. */
void root_switch(struct root *root);
/* This CPU has done flush @number of @root, if it holds it. */
void root_flushed(struct root *root, uint64_t number);
/* This CPU comes from a reset: it knows no translations. */
void root_start_cpu(void);
