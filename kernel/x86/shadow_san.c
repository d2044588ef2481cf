/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The shadow before mm has made the real one: the compiler's code writes marks of stacks from the
 * first function on, and reads nothing. All of it is one page, whatever is written there.
 */
#include "kernel/lib/bits.h"

#include "kernel/x86/cpu.h"
#include "kernel/x86/pte.h"
#include "kernel/x86/regs.h"
#include "kernel/x86/shadow.h"

#define RIGHTS (PTE_P | PTE_W)

struct table {
	uint64_t entries[PTE_COUNT];
} __aligned(4096);

static __section(".init.bss") struct table early[4]; /* the page, and three levels of tables */

static uint64_t *table_of(uint64_t entry)
{
	return (uint64_t *)(layout.physmap + (entry & PTE_ADDR));
}

/* Where the boot tables have put a byte of the image. */
static uint64_t phys_of(uint64_t at)
{
	uint64_t entry = read_cr3();

	for (unsigned shift = 39; shift >= PAGE_SHIFT; shift -= 9) {
		entry = table_of(entry)[at >> shift & (PTE_COUNT - 1)];
		if (entry & PTE_LARGE && shift > PAGE_SHIFT)
			return (entry & PTE_ADDR & ~((1ull << shift) - 1)) |
			       (at & ((1ull << shift) - 1));
	}
	return (entry & PTE_ADDR) | (at & PAGE_MASK);
}

static void fill(struct table *table, const struct table *below)
{
	uint64_t entry = phys_of((uint64_t)below) | RIGHTS;

	for (unsigned i = 0; i < PTE_COUNT; i++)
		table->entries[i] = entry;
}

static void set_cr0(uint64_t value)
{
	__asm__ volatile("mov %0, %%cr0" : : "r"(value) : "memory");
}

/* The physmap's alias of the image, where the top table may lie, is read-only. */
void shadow_begin(void)
{
	uint64_t cr0 = read_cr0();
	uint64_t *top = table_of(read_cr3());

	for (unsigned i = 1; i < ARRAY_SIZE(early); i++)
		fill(&early[i], &early[i - 1]);
	set_cr0(cr0 & ~CR0_WP);
	for (uint64_t at = SHADOW_START; at < SHADOW_END; at += 1ull << 39)
		top[at >> 39 & (PTE_COUNT - 1)] = phys_of((uint64_t)&early[3]) | RIGHTS;
	set_cr0(cr0);
}

void shadow_poison(const void *at, uint64_t len, enum shadow_mark mark)
{
	uint8_t *shadow = shadow_of((uint64_t)at);
	uint64_t count = (len + SHADOW_GRANULE - 1) >> SHADOW_SHIFT;

	__asm__ volatile("rep stosb" : "+D"(shadow), "+c"(count) : "a"(mark) : "memory");
}

void shadow_open(const void *at, uint64_t len)
{
	shadow_poison(at, len & ~(SHADOW_GRANULE - 1), 0);
	if (len % SHADOW_GRANULE != 0)
		*shadow_of((uint64_t)at + len) = (uint8_t)(len % SHADOW_GRANULE);
}
