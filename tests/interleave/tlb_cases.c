/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * kernel/x86/tlb, root and pcid: what a CPU may have kept of a root when it comes back to it. A CPU
 * reads through a TLB that forgets only what SDM vol 3, 4.10.4.1 says.
 */
#include <string.h>

#include "kernel/core/irq.h"
#include "kernel/x86/apic.h"
#include "kernel/x86/cpu.h"
#include "kernel/x86/cpu_internal.h"
#include "kernel/x86/mitigate.h"
#include "kernel/x86/pcid.h"
#include "kernel/x86/percpu.h"
#include "kernel/x86/pte.h"
#include "kernel/x86/root.h"
#include "kernel/x86/root_hooks.h"
#include "kernel/x86/tlb.h"
#include "tests/interleave/cases.h"
#include "tests/interleave/machine.h"

#define PAGES  2u
#define FRAMES 8u
#define PML4   0x1000u

uint8_t cpu_pcid_on;
bool barrier_on; /* no program teaches another's branches here */

void mitigate_barrier(void)
{
}

static struct root root;
static unsigned table[PAGES]; /* frame numbers */
static bool freed[FRAMES];
static unsigned released, gone, stage;

static struct {
	uint64_t cr3;
	unsigned tlb[PCID_SLOTS][PAGES]; /* 0: not there */
} hardware[ENGINE_CPUS];

void write_cr3(uint64_t value)
{
	unsigned cpu = engine_self();

	hardware[cpu].cr3 = value & ~PCID_KEEP;
	if (!(value & PCID_KEEP))
		memset(hardware[cpu].tlb[value & PCID_MASK], 0, sizeof(hardware[cpu].tlb[0]));
}

uint64_t read_cr3(void)
{
	return hardware[engine_self()].cr3;
}

void invlpg(uint64_t address)
{
	unsigned cpu = engine_self();

	hardware[cpu].tlb[hardware[cpu].cr3 & PCID_MASK][address / PAGE_SIZE] = 0;
}

/* An access by ring 3, in one step: no frame that it reaches may be another's by now. */
static void touch(unsigned page)
{
	unsigned cpu = engine_self(), *entry;

	POINT(&table[page], POINT_READ);
	entry = &hardware[cpu].tlb[hardware[cpu].cr3 & PCID_MASK][page];
	if (!*entry)
		*entry = table[page];
	MUST(!freed[*entry]);
}

static void hold(struct root *which)
{
	uint64_t flags = irq_save();

	root_switch(which);
	irq_restore(flags);
}

static bool serve(void *arg)
{
	(void)arg;
	tlb_serve();
	return true;
}

static void setup(void)
{
	cpu_pcid_on = 1;
	memset(hardware, 0, sizeof(hardware));
	memset(freed, 0, sizeof(freed));
	kernel_root = (struct root){.pml4_phys = 2 * PML4, .id = PCID_KERNEL};
	refcount_init(&kernel_root.count, REFCOUNT_SATURATED);
	root_init(&root, PML4);
	for (unsigned page = 0; page < PAGES; page++)
		table[page] = page + 1;
	released = gone = stage = 0;
	irq_register_vector(VECTOR_FLUSH, serve, NULL);
}

void root_release(struct root *dead)
{
	MUST(dead == &root);
	WRITE_ONCE(released, 1);
}

static void unmap(unsigned page)
{
	unsigned frame = table[page];

	WRITE_ONCE(table[page], frame + PAGES);
	tlb_flush_page(&root, page * PAGE_SIZE);
	freed[frame] = true;
}

static void begin_cpu(void)
{
	root_start_cpu();
	hold(&kernel_root);
}

static void come_and_go(unsigned first, unsigned last)
{
	hold(&root);
	for (unsigned page = first; page <= last; page++)
		touch(page);
	hold(&kernel_root);
}

/* One changes a page of a root that the other leaves and loads again. */
static void flush_and_return(unsigned cpu)
{
	begin_cpu();
	if (!cpu) {
		unmap(0);
		return;
	}
	come_and_go(0, 0);
	come_and_go(0, 0);
	hold(&root);
	touch(0);
}

static void await(const unsigned *word, unsigned value)
{
	while (READ_ONCE(*word) < value)
		cpu_relax();
}

/* Two change a page each at once; the third holds the root until one of them is done, and may have
 * left it when the other one looks. */
static void two_flush(unsigned cpu)
{
	begin_cpu();
	if (cpu) {
		await(&stage, 1);
		unmap(cpu - 1);
		if (cpu == 2)
			WRITE_ONCE(stage, 2);
		return;
	}
	hold(&root);
	touch(0);
	touch(1);
	WRITE_ONCE(stage, 1);
	await(&stage, 2);
	hold(&kernel_root);
	come_and_go(0, 1);
}

/* The last one to leave it makes it again, for another space. */
static void remake(void)
{
	if (__atomic_add_fetch(&gone, 1, __ATOMIC_SEQ_CST) < 2)
		return;
	root_put(&root);
	MUST(released == 1);
	for (unsigned page = 0; page < PAGES; page++) {
		freed[table[page]] = true;
		table[page] += PAGES;
	}
	root_init(&root, PML4);
	WRITE_ONCE(released, 2);
}

static void root_again(unsigned cpu)
{
	(void)cpu;
	begin_cpu();
	come_and_go(0, 0);
	come_and_go(0, 1);
	remake();
	await(&released, 2);
	come_and_go(0, 1);
}

static void check(void)
{
	MUST(root.cpu_mask == 0 || root.cpu_mask == 2);
}

const struct scenario tlb_return = {"tlb return", 2, 3, setup, flush_and_return, check};
const struct scenario tlb_two = {"tlb two", 3, 2, setup, two_flush, check};
const struct scenario tlb_root_again = {"tlb root again", 2, 2, setup, root_again, check};
