/* SPDX-License-Identifier: BSD-2-Clause */
#include "kernel/x86/tlb.h"

#include "kernel/lib/bits.h"

#include "kernel/x86/cpu.h"
#include "kernel/x86/percpu.h"
#include "kernel/x86/pte.h"
#include "kernel/x86/root.h"

/* Above this many pages one whole flush is cheaper than single ones. */
#define FLUSH_PAGES_MAX 32u

/* Whether this CPU may hold translations of the root. The kernel half is in all of them. */
static bool held_here(const struct root *root)
{
	return root == &kernel_root || cpu_self()->root == root;
}

/* Clearing CR4.PGE flushes global entries too: SDM vol 3, 4.10.4.1. */
static void flush_with_global(void)
{
	uint64_t flags = irq_save();
	uint64_t cr4 = read_cr4();

	if (cr4 & CR4_PGE) {
		__asm__ volatile("mov %0, %%cr4" : : "r"(cr4 & ~CR4_PGE) : "memory");
		__asm__ volatile("mov %0, %%cr4" : : "r"(cr4) : "memory");
	} else {
		write_cr3(read_cr3());
	}
	irq_restore(flags);
}

void tlb_flush_page(struct root *root, uint64_t address)
{
	if (held_here(root))
		invlpg(address);
}

void tlb_flush_range(struct root *root, uint64_t start, uint64_t end)
{
	if (!held_here(root))
		return;
	if ((end - start) / PAGE_SIZE > FLUSH_PAGES_MAX) {
		tlb_flush_root(root);
		return;
	}
	for (uint64_t at = start; at < end; at += PAGE_SIZE)
		invlpg(at);
}

void tlb_flush_root(struct root *root)
{
	if (!held_here(root))
		return;
	if (root == &kernel_root)
		flush_with_global();
	else
		write_cr3(read_cr3());
}
