/* SPDX-License-Identifier: BSD-2-Clause */
/* What a context switch keeps apart: registers, stacks, canaries, bases, selectors, roots. */
#include "selftest/kernel/x86/switch_test.h"

#include "kernel/lib/compiler.h"
#include "kernel/lib/string.h"

#include "kernel/x86/cpu.h"
#include "kernel/x86/desc.h"
#include "kernel/x86/fpu.h"
#include "kernel/x86/percpu.h"
#include "kernel/x86/root.h"
#include "mm/table.h"
#include "selftest/selftest.h"

#define FLOWS    3
#define AREA_MAX 8192

static struct context home;
static struct flow flows[FLOWS];
static uint64_t errors;
static __aligned(64) uint8_t areas[2][AREA_MAX];

/* The test's own context: where it goes on is saved by the switch itself. */
static void home_prepare(void)
{
	memset(&home, 0, sizeof(home));
	home.kernel_rsp = cpu_self()->kernel_rsp;
	home.canary = cpu_self()->canary;
}

static void ring_member(void *arg)
{
	uint64_t index = (uint64_t)arg;
	struct context *next = index + 1 < FLOWS ? &flows[index + 1].context : &home;

	for (;;)
		errors += switch_rounds(&flows[index].context, next, (index + 1) << 32, 1);
}

SELFTEST(M6, 1, registers_of_flows_never_mix)
{
	unsigned rounds = selftest_scaled(200);
	uint64_t flags;
	bool ok = true;

	errors = 0;
	for (uint64_t i = 0; i < FLOWS; i++)
		ok = flow_open(&flows[i], ring_member, (void *)i) && ok;
	if (ok) {
		flags = irq_save();
		home_prepare();
		errors += switch_rounds(&home, &flows[0].context, 0x77 << 24, rounds);
		irq_restore(flags);
	}
	for (unsigned i = 0; i < FLOWS; i++)
		flow_close(&flows[i]);
	CHECK(ok);
	CHECK(errors == 0);
	return true;
}

static struct {
	uint64_t rsp0, kernel_rsp, canary, fs, gs, cr3;
	struct root *root;
} seen;

/* Notes what the CPU has while this flow runs, and goes home. */
static void observer(void *arg)
{
	struct flow *flow = arg;
	const struct cpu *cpu = cpu_self();

	for (;;) {
		seen.rsp0 = cpu->tss->rsp[0];
		seen.kernel_rsp = cpu->kernel_rsp;
		seen.canary = cpu->canary;
		seen.fs = user_fs_base();
		seen.gs = user_gs_base();
		seen.cr3 = read_cr3();
		seen.root = cpu->root;
		context_switch(&flow->context, &home);
	}
}

SELFTEST(M6, 1, stack_and_canary_follow_the_switch)
{
	const struct cpu *cpu = cpu_self();
	struct flow *flow = &flows[0];
	uint64_t flags, kernel_rsp = cpu->kernel_rsp, canary = cpu->canary;
	uint64_t rsp0 = cpu->tss->rsp[0];

	CHECK(flow_open(flow, observer, flow));
	flow->context.canary = ~canary;
	flags = irq_save();
	home_prepare();
	home.kernel_rsp = kernel_rsp;
	context_switch(&home, &flow->context);
	bool back =
		cpu->tss->rsp[0] == rsp0 && cpu->kernel_rsp == kernel_rsp && cpu->canary == canary;

	irq_restore(flags);
	uint64_t top = flow->context.kernel_rsp;

	flow_close(flow);
	CHECK(rsp0 == tss_stack_wanted(cpu, kernel_rsp));
	CHECK(seen.rsp0 == tss_stack_wanted(cpu, top) && seen.kernel_rsp == top);
	CHECK(seen.canary == ~canary && back);
	return true;
}

SELFTEST(M6, 4, bases_are_per_thread)
{
	struct flow *flow = &flows[0];
	uint64_t flags, fs, gs;

	CHECK(fpu_state_size() <= AREA_MAX);
	CHECK(flow_open(flow, observer, flow));
	flags = irq_save();
	home_prepare();
	home.fpu = areas[0];
	flow->context.fpu = areas[1];
	fpu_init_state(areas[1]);
	flow->context.fs_base = 0x333000;
	flow->context.gs_base = 0x444000;
	user_fs_base_set(0x111000);
	user_gs_base_set(0x7fffdeadb000);
	context_switch(&home, &flow->context);
	fs = user_fs_base();
	gs = user_gs_base();
	user_fs_base_set(0);
	user_gs_base_set(0);
	bool own_gs = rdmsr(MSR_GS_BASE) == (uint64_t)cpu_self();

	irq_restore(flags);
	flow_close(flow);
	CHECK(seen.fs == 0x333000 && seen.gs == 0x444000);
	CHECK(fs == 0x111000 && gs == 0x7fffdeadb000);
	CHECK(own_gs);
	return true;
}

/* A kernel thread borrows the root it finds; the CPU's own reference keeps it alive. */
SELFTEST(M6, 6, borrowed_root_is_held)
{
	struct flow *flow = &flows[0];
	struct root *root = table_root_create();
	uint64_t flags;

	CHECK(root != NULL);
	CHECK(flow_open(flow, observer, flow));
	flags = irq_save();
	struct root *before = cpu_self()->root;

	home_prepare();
	root_switch(root);
	bool held = refcount_read(&root->count) == 2 && root->cpu_mask == BIT(cpu_id());
	uint64_t pml4 = root->pml4_phys;

	/* The owner goes; the flow has no root of its own. */
	if (held)
		root_put(root);
	context_switch(&home, &flow->context);
	held = held && refcount_read(&root->count) == 1;
	if (held)
		root_switch(before ? before : &kernel_root);
	bool dropped = refcount_read(&root->count) == 0 && root->cpu_mask == 0;

	irq_restore(flags);
	flow_close(flow);
	CHECK(held && dropped);
	CHECK(seen.root == root && (seen.cr3 & PTE_ADDR) == pml4);
	CHECK((read_cr3() & PTE_ADDR) != pml4);
	return true;
}
