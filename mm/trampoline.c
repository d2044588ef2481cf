/* SPDX-License-Identifier: BSD-2-Clause */
#include "mm/trampoline.h"

#include "kernel/lib/string.h"

#include "kernel/x86/secondary.h"
#include "mm/table_internal.h"

#define RIGHTS_R  (PTE_G | PTE_NX)
#define RIGHTS_RW (PTE_G | PTE_NX | PTE_W)

/* Levels between the top table, which is the second low page, and the leaf. */
#define MIDDLE (TABLE_LEVELS - 1)

static uint64_t code_phys;
static struct frame *middle[MIDDLE];

void trampoline_init(uint64_t low_phys)
{
	code_phys = low_phys;
}

static uint64_t top_phys(void)
{
	return code_phys + PAGE_SIZE;
}

static void free_middle(void)
{
	for (unsigned i = 0; i < MIDDLE; i++) {
		if (!middle[i])
			continue;
		memset(frame_virt(middle[i]), 0, PAGE_SIZE);
		frame_free(middle[i]);
		middle[i] = NULL;
	}
}

static bool alloc_middle(void)
{
	for (unsigned i = 0; i < MIDDLE; i++) {
		middle[i] = frame_alloc(FRAME_TABLE, FRAME_ZERO);
		if (!middle[i]) {
			free_middle();
			return false;
		}
	}
	return true;
}

/* The kernel half, and one supervisor page that may be executed and not written. */
static void fill_tables(void)
{
	pte_t *table = table_at(top_phys());

	memcpy(table, table_at(kernel_root.pml4_phys), PAGE_SIZE);
	for (unsigned i = 0; i < MIDDLE; i++) {
		table[level_index(code_phys, TABLE_LEVELS - i)] =
			frame_phys(middle[i]).raw | PTE_P | PTE_W;
		table = frame_virt(middle[i]);
	}
	table[level_index(code_phys, 1)] = code_phys | PTE_P;
}

enum err trampoline_open(void)
{
	uint64_t alias = layout.physmap + code_phys;

	if (!code_phys)
		return ERR_NODEV;
	if (!alloc_middle())
		return ERR_NOMEM;
	trampoline_write(phys_to_virt(phys(code_phys)), (uint32_t)code_phys, (uint32_t)top_phys());
	table_protect_kernel(alias, PAGE_SIZE, RIGHTS_R);
	fill_tables();
	return OK;
}

void trampoline_close(void)
{
	memset(table_at(top_phys()), 0, PAGE_SIZE);
	free_middle();
	table_protect_kernel(layout.physmap + code_phys, PAGE_SIZE, RIGHTS_RW);
}

uint8_t trampoline_page(void)
{
	return (uint8_t)(code_phys >> PAGE_SHIFT);
}
