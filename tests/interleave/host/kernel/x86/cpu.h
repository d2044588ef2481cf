/* SPDX-License-Identifier: BSD-2-Clause */
#pragma once
/* The kernel's header, but interrupts, waiting, time and tables are the simulated machine's. */
#define irq_disable  irq_disable_by_cli
#define irq_enable   irq_enable_by_sti
#define irq_enabled  irq_enabled_by_flags
#define irq_save     irq_save_by_flags
#define irq_restore  irq_restore_by_flags
#define cpu_wait_irq cpu_wait_irq_by_hlt
#define cpu_relax    cpu_relax_by_pause
#define rdtsc        rdtsc_by_cpu
#define read_cr3     read_cr3_by_cpu
#define write_cr3    write_cr3_by_cpu
#define invlpg       invlpg_by_cpu
#include "../../../../../kernel/x86/cpu.h"
#undef irq_disable
#undef irq_enable
#undef irq_enabled
#undef irq_save
#undef irq_restore
#undef cpu_wait_irq
#undef cpu_relax
#undef rdtsc
#undef read_cr3
#undef write_cr3
#undef invlpg

/* tests/interleave/machine.c */
void irq_disable(void);
void irq_enable(void);
bool irq_enabled(void);
void cpu_relax(void);
/* tests/interleave-sched/machine.c */
void cpu_wait_irq(void);
/* tests/interleave/tlb_cases.c */
uint64_t read_cr3(void);
void write_cr3(uint64_t value);
void invlpg(uint64_t address);

static inline uint64_t irq_save(void)
{
	uint64_t flags = irq_enabled() ? RFLAGS_IF : 0;

	irq_disable();
	return flags;
}

static inline void irq_restore(uint64_t flags)
{
	if (flags & RFLAGS_IF)
		irq_enable();
}

static inline uint64_t rdtsc(void)
{
	return 0;
}
