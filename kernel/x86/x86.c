/* SPDX-License-Identifier: BSD-2-Clause */
#include "kernel/x86/x86.h"

#include "kernel/lib/compiler.h"

#include "kernel/x86/cpu.h"
#include "kernel/x86/cpu_internal.h"
#include "kernel/x86/cpus.h"
#include "kernel/x86/desc.h"
#include "kernel/x86/fpu.h"
#include "kernel/x86/mitigate.h"
#include "kernel/x86/percpu.h"
#include "kernel/x86/root.h"
#include "kernel/x86/trap.h"

#define EARLY_STACK_SIZE 8192u

/* Until M2 has guarded ones. Given back with the boot's data. */
static __section(".init.bss") __aligned(16) char early_stacks[IST_COUNT][EARLY_STACK_SIZE];

/* Pages of their own: the GDTs read-only after boot, the TSS away from everything else. */
static __ro_after_init __aligned(4096) struct {
	struct gdt gdt[CPUS_MAX];
	uint8_t rest[8192 - CPUS_MAX * sizeof(struct gdt)];
} gdts;
static __aligned(4096) struct {
	struct tss tss;
	uint8_t rest[4096 - sizeof(struct tss)];
} boot_tss;

struct gdt *gdt_of(unsigned id)
{
	return &gdts.gdt[id];
}

static void *early_top(unsigned slot)
{
	return early_stacks[slot] + EARLY_STACK_SIZE;
}

void x86_init_early(void)
{
	struct cpu *cpu = &percpu_boot.cpu;

	cpu->self = cpu;
	cpu->gdt = gdt_of(0);
	cpu->tss = &boot_tss.tss;
	cpu->irq_stack_top = (uint64_t)early_top(0);
	for (unsigned slot = 1; slot < IST_COUNT; slot++)
		tss_set_ist(cpu, slot, early_top(slot));
	cpu_features_detect();
	idt_init();
	desc_load(cpu);
	cpu_init_control();
	cpu_init_entry();
	fpu_init();
	fpu_init_cpu();
	syscall_init_cpu();
}

void x86_start_cpu(void)
{
	desc_load(cpu_self());
	root_start_cpu();
	cpu_init_control();
	mitigate_cpu();
	fpu_init_cpu();
	syscall_init_cpu();
}

void x86_set_stacks(struct cpu *cpu, const struct cpu_stacks *stacks)
{
	if (stacks->tss)
		cpu->tss = stacks->tss;
	tss_set_ist(cpu, IST_DF, stacks->df);
	tss_set_ist(cpu, IST_NMI, stacks->nmi);
	tss_set_ist(cpu, IST_MC, stacks->mc);
	tss_set_ist(cpu, IST_DB, stacks->db);
	cpu->irq_stack_top = (uint64_t)stacks->irq;
}

void x86_init_cpu(const struct cpu_stacks *stacks)
{
	uint64_t flags = irq_save();

	x86_set_stacks(cpu_self(), stacks);
	desc_load(cpu_self());
	irq_restore(flags);
}

void x86_pin(void)
{
	cpu_pin_control();
}

void x86_seal(void)
{
	trap_expect_hook = NULL;
}
