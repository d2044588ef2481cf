/* SPDX-License-Identifier: BSD-2-Clause */
#include "kernel/x86/x86.h"

#include "kernel/lib/compiler.h"

#include "kernel/x86/cpu.h"
#include "kernel/x86/cpu_internal.h"
#include "kernel/x86/desc.h"
#include "kernel/x86/fpu.h"
#include "kernel/x86/percpu.h"
#include "kernel/x86/trap.h"

#define EARLY_STACK_SIZE 8192u

/* Until M2 has guarded ones. Given back with the boot's data. */
static __section(".init.bss") __aligned(16) char early_stacks[IST_COUNT][EARLY_STACK_SIZE];

/* A page each: GDT read-only after boot, the TSS away from everything else. */
static __ro_after_init __aligned(4096) struct {
	struct gdt gdt;
	uint8_t rest[4096 - sizeof(struct gdt)];
} boot_gdt;
static __aligned(4096) struct {
	struct tss tss;
	uint8_t rest[4096 - sizeof(struct tss)];
} boot_tss;

static void *early_top(unsigned slot)
{
	return early_stacks[slot] + EARLY_STACK_SIZE;
}

void x86_init_early(void)
{
	struct cpu *cpu = &percpu_boot;

	cpu->self = cpu;
	cpu->gdt = &boot_gdt.gdt;
	cpu->tss = &boot_tss.tss;
	cpu->irq_stack_top = (uint64_t)early_top(0);
	for (unsigned slot = 1; slot < IST_COUNT; slot++)
		tss_set_ist(cpu, slot, early_top(slot));
	cpu_features_detect();
	idt_init();
	desc_load(cpu);
	cpu_init_control();
	fpu_init_cpu();
	syscall_init_cpu();
}

void x86_init_cpu(const struct cpu_stacks *stacks)
{
	struct cpu *cpu = cpu_self();
	uint64_t flags = irq_save();

	if (stacks->tss)
		cpu->tss = stacks->tss;
	tss_set_ist(cpu, IST_DF, stacks->df);
	tss_set_ist(cpu, IST_NMI, stacks->nmi);
	tss_set_ist(cpu, IST_MC, stacks->mc);
	tss_set_ist(cpu, IST_DB, stacks->db);
	cpu->irq_stack_top = (uint64_t)stacks->irq;
	desc_load(cpu);
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
