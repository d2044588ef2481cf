/* SPDX-License-Identifier: BSD-2-Clause */
#include "mm/pti_map.h"

#include "kernel/lib/compiler.h"
#include "kernel/lib/string.h"

#include "kernel/core/panic.h"
#include "kernel/x86/desc.h"
#include "kernel/x86/percpu.h"
#include "kernel/x86/pti.h"
#include "kernel/x86/sections.h"
#include "mm/table_internal.h"

/* Not global: that ring 3 may not know it is what all this is about. */
#define RIGHTS_RX (PTE_P)
#define RIGHTS_R  (PTE_P | PTE_NX)
#define RIGHTS_RW (PTE_P | PTE_NX | PTE_W)

/* The kernel half that all second tables copy; a page like theirs. */
static __ro_after_init uint64_t template;

static pte_t *entry_of(uint64_t va)
{
	pte_t *table = table_at(template);

	for (unsigned level = TABLE_LEVELS; level > 1; level--) {
		pte_t *entry = &table[level_index(va, level)];

		if (!(*entry & PTE_P)) {
			uint64_t made = table_kernel_new();

			if (made == 0)
				panic("mm: no memory for the entry page tables");
			WRITE_ONCE(*entry, made | PTE_P | PTE_W);
		}
		table = table_at(*entry);
	}
	return &table[level_index(va, 1)];
}

static void map(const void *start, uint64_t len, pte_t rights)
{
	uint64_t va = (uint64_t)start & ~(uint64_t)PAGE_MASK;

	for (; va < (uint64_t)start + len; va += PAGE_SIZE) {
		phys_addr_t pa;

		if (table_kernel_phys(va, &pa) != OK)
			panic("mm: nothing at %#lx for ring 3's root", va);
		WRITE_ONCE(*entry_of(va), pa.raw | rights);
	}
}

void pti_map_image(void)
{
	if (!pti_on)
		return;
	template = table_kernel_new();
	map(entry_text_start, (uint64_t)(entry_text_end - entry_text_start), RIGHTS_RX);
	map(idt, sizeof(idt), RIGHTS_R);
	map(gdt_of(0), GDT_PAGES * PAGE_SIZE, RIGHTS_R);
	/* The entry that further stacks come under. */
	entry_of(layout.stacks);
}

void pti_map_cpu(const struct cpu *cpu)
{
	if (!pti_on)
		return;
	map(cpu_entry_of(cpu), sizeof(struct cpu_entry), RIGHTS_RW);
	map(cpu->tss, sizeof(struct tss), RIGHTS_RW);
	for (unsigned slot = IST_NONE + 1; slot < IST_COUNT; slot++)
		map((const void *)cpu->tss->ist[slot - 1], 1, RIGHTS_RW);
}

void pti_fill_top(uint64_t *top)
{
	memcpy(top + PML4_KERNEL, table_at(template) + PML4_KERNEL,
	       (PTE_COUNT - PML4_KERNEL) * sizeof(pte_t));
}
