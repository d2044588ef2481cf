/* SPDX-License-Identifier: BSD-2-Clause */
#include "kernel/x86/root.h"

#include "kernel/lib/bits.h"

#include "kernel/x86/cpu.h"
#include "kernel/x86/percpu.h"
#include "kernel/x86/root_hooks.h"

/* The static reference keeps it for ever. */
struct root kernel_root = {.count = REFCOUNT_INIT(1)};

void root_init(struct root *root, uint64_t pml4_phys)
{
	root->pml4_phys = pml4_phys;
	root->cpu_mask = 0;
	refcount_init(&root->count, 1);
}

void root_put(struct root *root)
{
	if (refcount_put(&root->count))
		root_release(root);
}

void root_switch(struct root *root)
{
	struct cpu *cpu = cpu_self();
	struct root *old = cpu->root;

	if (root == old)
		return;
	root_get(root);
	__atomic_fetch_or(&root->cpu_mask, BIT(cpu->id), __ATOMIC_RELAXED);
	cpu->root = root;
	write_cr3(root->pml4_phys);
	if (!old)
		return;
	__atomic_fetch_and(&old->cpu_mask, ~BIT(cpu->id), __ATOMIC_RELEASE);
	root_put(old);
}
