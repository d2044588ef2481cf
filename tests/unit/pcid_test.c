/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Process-context identifiers, by made CPUID bits and against a model of four CPUs' TLBs: roots are
 * loaded, read, changed with flushes, die and come again in the same memory, CPUs come from resets.
 * No translation that is stale may ever be there to be used. The order between a load and a flush
 * that run at once is tests/interleave's (tlb_cases.c).
 */
#include "kernel/x86/pcid.h"
#include "tests/unit/check.h"

#define CPUS   4u
#define ROOTS  9u /* more than slots */
#define PAGES  3u
#define ROUNDS 200000u
#define NOBODY ROOTS

#define PCIDE (1u << 17)

/* What is planted: an order or a choice that would be wrong. */
enum fault {
	SOUND,
	NOT_COUNTED,
	COUNTED_AFTER_LOAD,
	ID_OF_MEMORY,
	OUT_OF_ROW,
	NOT_FORGOTTEN,
	FAULTS
};

static struct model_root {
	uint64_t id, flushes;
	unsigned frames[PAGES]; /* what the tables say */
} roots[ROOTS];

static struct model_cpu {
	struct pcid_cpu pcid;
	unsigned tlb[PCID_SLOTS][PAGES]; /* 0: not there */
	unsigned context;                /* the PCID in CR3 */
	unsigned root;
} cpus[CPUS];

static enum fault planted;
static unsigned last_frame;
static unsigned stale, kept;
static uint64_t seed;

static unsigned pick(unsigned count)
{
	return (unsigned)(check_random(&seed) >> 33) % count;
}

static void tables_make(struct model_root *root)
{
	for (unsigned page = 0; page < PAGES; page++)
		root->frames[page] = ++last_frame;
}

static void root_make(unsigned number)
{
	unsigned cpu = pick(CPUS);

	roots[number].id = pcid_draw_id(&cpus[cpu].pcid, cpu);
	if (planted == ID_OF_MEMORY)
		roots[number].id = 64 + number;
	roots[number].flushes = 0;
	tables_make(&roots[number]);
}

/* SDM vol 3, 4.10.4.1. */
static void cr3_write(struct model_cpu *cpu, uint64_t cr3)
{
	cpu->context = cr3 & PCID_MASK;
	CHECK(cpu->context < PCID_SLOTS);
	kept += cr3 & PCID_KEEP ? 1 : 0;
	if (!(cr3 & PCID_KEEP))
		memset(cpu->tlb[cpu->context], 0, sizeof(cpu->tlb[0]));
}

static void cpu_load(struct model_cpu *cpu, unsigned number)
{
	struct model_root *root = &roots[number];
	uint64_t pml4 = 0x1000ull * (number + 1);
	uint64_t cr3 = pcid_load(&cpu->pcid, pml4, root->id, root->flushes);

	CHECK_EQ(cr3 & ~PCID_KEEP & ~PCID_MASK, pml4);
	cpu->root = number;
	cr3_write(cpu, cr3);
}

static void cpu_idle(struct model_cpu *cpu)
{
	uint64_t cr3 = pcid_load(&cpu->pcid, 0x100000, PCID_KERNEL, 0);

	CHECK_EQ(cr3 & PCID_MASK, 0);
	cpu->root = NOBODY;
	cr3_write(cpu, cr3);
}

static void cpu_read(struct model_cpu *cpu, unsigned page)
{
	unsigned *entry = &cpu->tlb[cpu->context][page];
	unsigned truth = roots[cpu->root].frames[page];

	if (!*entry)
		*entry = truth;
	stale += *entry != truth;
}

/* A holder of the root flushes one page. */
static void cpu_flush(struct model_cpu *cpu, unsigned number, unsigned page, uint64_t flush)
{
	if (cpu->root != number)
		return;
	cpu->tlb[cpu->context][page] = 0;
	pcid_flushed(&cpu->pcid, roots[number].id, flush);
}

static void change(unsigned number, unsigned page)
{
	struct model_root *root = &roots[number];

	root->frames[page] = ++last_frame;
	if (planted != NOT_COUNTED)
		root->flushes++;
	for (unsigned i = 0; i < CPUS; i++)
		cpu_flush(&cpus[i], number, page, root->flushes);
}

/* Two at once: a holder is told of them in any order, may lose itself in between, or have come
 * after the first had looked who holds the root. */
static void change_two(unsigned number, struct model_cpu *late)
{
	struct model_root *root = &roots[number];
	unsigned one = pick(PAGES), other = pick(PAGES);
	uint64_t first = root->flushes + 1;

	root->flushes += planted == COUNTED_AFTER_LOAD ? 0 : 2;
	root->frames[one] = ++last_frame;
	root->frames[other] = ++last_frame;
	if (late->root != number)
		cpu_load(late, number);
	root->flushes += planted == COUNTED_AFTER_LOAD ? 2 : 0;
	for (unsigned i = 0; i < CPUS; i++) {
		struct model_cpu *cpu = &cpus[i];
		bool is_late = cpu == late && planted == COUNTED_AFTER_LOAD;
		bool leaves = pick(4) == 0;

		if (is_late)
			continue;
		cpu_flush(cpu, number, other,
			  planted == OUT_OF_ROW ? root->flushes - 1 : first + 1);
		if (planted == OUT_OF_ROW && cpu->root == number)
			pcid_flushed(&cpu->pcid, root->id, first + 1);
		if (leaves)
			cpu_idle(cpu);
		cpu_flush(cpu, number, one, first);
	}
}

static void reset_cpu(struct model_cpu *cpu)
{
	/* What INIT leaves in a TLB is not to be relied on: the worst is that all of it is gone
	 * and filled by somebody else's translations. */
	for (unsigned i = 0; i < PCID_SLOTS; i++)
		for (unsigned page = 0; page < PAGES; page++)
			cpu->tlb[i][page] = ++last_frame;
	if (planted != NOT_FORGOTTEN)
		pcid_forget(&cpu->pcid);
	cpu_idle(cpu);
}

static void root_dies(unsigned number)
{
	for (unsigned i = 0; i < CPUS; i++)
		if (cpus[i].root == number)
			return;
	root_make(number);
}

static void step(void)
{
	struct model_cpu *cpu = &cpus[pick(CPUS)];
	unsigned number = pick(ROOTS), kind = pick(100);

	if (kind < 35)
		cpu_load(cpu, number);
	else if (kind < 45)
		cpu_idle(cpu);
	else if (kind < 85 && cpu->root != NOBODY)
		cpu_read(cpu, pick(PAGES));
	else if (kind < 90)
		change(number, pick(PAGES));
	else if (kind < 94)
		change_two(number, cpu);
	else if (kind < 99)
		root_dies(number);
	else
		reset_cpu(cpu);
}

static unsigned run(enum fault fault)
{
	memset(cpus, 0, sizeof(cpus));
	planted = fault;
	stale = kept = last_frame = 0;
	seed = 0x70636964;
	for (unsigned i = 0; i < CPUS; i++)
		cpu_idle(&cpus[i]);
	for (unsigned i = 0; i < ROOTS; i++)
		root_make(i);
	for (unsigned i = 0; i < ROUNDS && !stale; i++)
		step();
	return stale;
}

static void test_no_stale_translation(void)
{
	CHECK_EQ(run(SOUND), 0);
	/* Else nothing would be shown: a good part of the loads flushes nothing. */
	CHECK(kept > ROUNDS / 20);
}

/* The model is no test if these pass. */
static void test_faults_are_found(void)
{
	for (enum fault fault = SOUND + 1; fault < FAULTS; fault++)
		CHECK(run(fault) > 0);
}

static void test_slots(void)
{
	struct pcid_cpu cpu = {};

	CHECK_EQ(pcid_load(&cpu, 0x1000, PCID_KERNEL, 0), 0x1000);
	CHECK_EQ(pcid_load(&cpu, 0x1000, PCID_KERNEL, 0), 0x1000 | PCID_KEEP);
	for (uint64_t i = 1; i < PCID_SLOTS; i++)
		CHECK_EQ(pcid_load(&cpu, 0x1000 * i, 64 + i, 5), 0x1000 * i | i);
	CHECK_EQ(pcid_load(&cpu, 0x2000, 66, 5), 0x2002 | PCID_KEEP);
	CHECK_EQ(pcid_load(&cpu, 0x2000, 66, 6), 0x2002);
	/* The first one's turn; it is a stranger then. */
	CHECK_EQ(pcid_load(&cpu, 0x9000, 99, 5), 0x9001);
	CHECK_EQ(pcid_load(&cpu, 0x1000, 65, 5), 0x1002);
	/* Nobody's slot changes by a flush of who has none. */
	pcid_flushed(&cpu, 77, 6);
	CHECK_EQ(pcid_load(&cpu, 0x3000, 67, 5), 0x3003 | PCID_KEEP);
	pcid_forget(&cpu);
	CHECK_EQ(pcid_load(&cpu, 0x3000, 67, 5), 0x3001);
}

static void test_ids_never_repeat(void)
{
	struct pcid_cpu one = {}, last = {};
	uint64_t before = 0;

	for (unsigned i = 0; i < 1000; i++) {
		uint64_t id = pcid_draw_id(&one, 0);

		CHECK(id > PCID_KERNEL && id > before && id != pcid_draw_id(&last, 63));
		before = id;
		pcid_forget(&one);
	}
}

static bool usable(bool has_pcid, bool has_global, bool is_intel, uint32_t signature)
{
	struct pcid_facts facts = {has_pcid, has_global, is_intel, signature};

	return pcid_usable(&facts);
}

static void test_choice(void)
{
	CHECK(usable(true, true, true, 0x000906ea));
	CHECK(usable(true, true, false, 0x00a20f12));
	CHECK(!usable(false, true, true, 0x000906ea));
	CHECK(!usable(true, false, true, 0x000906ea));
	/* Alder Lake, Raptor Lake S: any stepping; the number means nothing on another's CPU. */
	CHECK(!usable(true, true, true, 0x00090672) && !usable(true, true, true, 0x000906a4));
	CHECK(!usable(true, true, true, 0x000b0671) && !usable(true, true, true, 0x000b06f2));
	CHECK(usable(true, true, false, 0x00090672));
}

/* CR3 and CR4 of a CPU: SDM vol 3, 4.10.1; #GP is a fault. */
static void check_enabling(uint64_t cr3, bool has_pcid)
{
	bool on = usable(has_pcid, true, true, 0x000906ea);
	uint64_t cr4 = on ? PCIDE : 0;
	bool faults;

	if (on)
		cr3 = pcid_cr3_to_enable(cr3);
	faults = cr4 & PCIDE && (!has_pcid || cr3 & 0xfff);
	CHECK(!faults && on == has_pcid);
	CHECK_EQ(cr3 & ~0xfffull, 0x7654000);
}

int main(void)
{
	test_choice();
	for (unsigned bits = 0; bits < 0x1000; bits += 8) {
		check_enabling(0x7654000 | bits, true);
		check_enabling(0x7654000 | bits, false);
	}
	test_ids_never_repeat();
	test_slots();
	test_no_stale_translation();
	test_faults_are_found();
	return check_done("pcid");
}
