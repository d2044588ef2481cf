/* SPDX-License-Identifier: BSD-2-Clause */
/* Page-table isolation: what the tables that ring 3 runs with map of the kernel half, leaf by leaf.
 */
#include "kernel/x86/cpus.h"
#include "kernel/x86/desc.h"
#include "kernel/x86/percpu.h"
#include "kernel/x86/pte.h"
#include "kernel/x86/pti.h"
#include "kernel/x86/sections.h"
#include "mm/table.h"
#include "mm/table_internal.h"
#include "selftest/ring3.h"
#include "selftest/selftest.h"

#define AT 0x7f1234567000ull

static struct {
	uint64_t leaves, strange;
} seen;

static bool within(uint64_t va, const void *start, uint64_t len)
{
	return va - ((uint64_t)start & ~(uint64_t)PAGE_MASK) < len;
}

static bool of_cpu(uint64_t va, const struct cpu *cpu)
{
	bool found = within(va, cpu_entry_of(cpu), PAGE_SIZE) || within(va, cpu->tss, PAGE_SIZE);

	for (unsigned slot = IST_NONE + 1; slot < IST_COUNT; slot++)
		found |= within(va, (const void *)cpu->tss->ist[slot - 1], PAGE_SIZE);
	return found;
}

static bool is_entry_text(uint64_t va)
{
	return within(va, entry_text_start, (uint64_t)(entry_text_end - entry_text_start));
}

static bool is_table(uint64_t va)
{
	return within(va, idt, PAGE_SIZE) || within(va, gdt_of(0), GDT_PAGES * PAGE_SIZE);
}

static bool is_some_cpus(uint64_t va)
{
	for (unsigned id = 0; id < CPUS_MAX; id++)
		if (cpu_at(id) && of_cpu(va, cpu_at(id)))
			return true;
	return false;
}

/* The one right set of rights for each kind, and the frame that the kernel's own tables say. */
static void leaf(uint64_t va, pte_t value)
{
	pte_t rights = value & (PTE_P | PTE_W | PTE_U | PTE_G | PTE_NX);
	pte_t wanted = is_entry_text(va) ? PTE_P
		       : is_table(va)    ? PTE_P | PTE_NX
					 : PTE_P | PTE_NX | PTE_W;
	bool known = is_entry_text(va) || is_table(va) || is_some_cpus(va);
	phys_addr_t pa = {0};

	seen.leaves++;
	if (!known || rights != wanted || table_kernel_phys(va, &pa) != OK ||
	    pa.raw != (value & PTE_ADDR))
		seen.strange++;
}

static void walk(const pte_t *table, unsigned level, unsigned first, uint64_t base)
{
	for (unsigned i = first; i < PTE_COUNT; i++) {
		uint64_t va = base + i * level_size(level);

		if (!(table[i] & PTE_P))
			continue;
		if (level == TABLE_LEVELS)
			va |= 0xffffull << 48;
		if (level == 1)
			leaf(va, table[i]);
		else if (table[i] & (PTE_LARGE | PTE_U))
			seen.strange++;
		else
			walk(table_at(table[i]), level - 1, 0, va);
	}
}

static uint64_t leaves_wanted(void)
{
	uint64_t count = 1 + GDT_PAGES + (uint64_t)(entry_text_end - entry_text_start) / PAGE_SIZE;

	for (unsigned id = 0; id < CPUS_MAX; id++) {
		const struct cpu *cpu = cpu_at(id);

		if (!cpu)
			continue;
		count += IST_COUNT;
		count += !within((uint64_t)cpu->tss, cpu_entry_of(cpu), PAGE_SIZE);
	}
	return count;
}

/* Further CPUs have their pages before they have their numbers. */
SELFTEST(M3, 13, ring3_has_the_entries_only, .needs = M14)
{
	struct root *root = table_root_create();

	CHECK(root);
	seen.leaves = seen.strange = 0;
	if (pti_on)
		walk(table_second(root->pml4_phys), TABLE_LEVELS, PML4_KERNEL, 0);
	root_put(root);
	CHECK(pti_is_on_here() == pti_on);
	CHECK(seen.strange == 0);
	CHECK(!pti_on || seen.leaves == leaves_wanted());
	return true;
}

/* Both of a pair have the same user half, as it grows and as it goes. */
SELFTEST(M3, 13, pairs_have_one_user_half, .needs = M5)
{
	struct root *root = table_root_create();
	unsigned index = level_index(AT, TABLE_LEVELS);
	bool same = true, gone = true;

	CHECK(root);
	if (table_leaf_create(root, AT) && pti_on)
		same = table_second(root->pml4_phys)[index] == table_at(root->pml4_phys)[index] &&
		       table_second(root->pml4_phys)[index] & PTE_P;
	table_trim(root, AT);
	if (pti_on)
		gone = !table_second(root->pml4_phys)[index];
	root_put(root);
	CHECK(same && gone);
	return true;
}

static struct {
	pte_t *top; /* the second table's first entry, which leads to ring 3's code */
	bool by_iret, by_sysret;
} ran;

/* The CPU marks what it walks. */
static bool take_mark(void)
{
	bool marked = READ_ONCE(*ran.top) & PTE_A;

	WRITE_ONCE(*ran.top, *ran.top & ~PTE_A);
	return marked;
}

static void on_call(struct trapframe *frame)
{
	(void)frame;
	ran.by_iret = take_mark();
}

/* Both ways out lead to it: a run begins by IRETQ, and goes on behind a call by SYSRET. */
SELFTEST(M3, 13, ring3_runs_with_the_second_root, .needs = M5)
{
	static const uint8_t code[] = {0x0f, 0x05, 0x90, 0x0f, 0x0b};
	struct trapframe regs = ring3_regs();
	struct ring3 ring3;

	CHECK(pti_is_on_here() == pti_on);
	if (!pti_on)
		return true;
	CHECK(ring3_open(&ring3));
	ran.top = &table_second(ring3.root->pml4_phys)[level_index(RING3_CODE, TABLE_LEVELS)];
	ring3_code(&ring3, 0, code, sizeof(code));
	ring3_on_call(on_call);
	take_mark();
	ring3_run(&ring3, &regs);
	ran.by_sysret = take_mark();
	ring3_close(&ring3);
	CHECK(regs.rip == RING3_CODE + 3);
	CHECK(ran.by_iret && ran.by_sysret);
	return true;
}
