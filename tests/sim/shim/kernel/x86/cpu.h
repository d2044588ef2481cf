/* SPDX-License-Identifier: BSD-2-Clause */
#pragma once
/* The kernel's own header; the counter, interrupts and waiting for one are the simulator's. */
#define rdtsc        host_rdtsc
#define irq_disable  host_irq_disable
#define irq_enable   host_irq_enable
#define irq_enabled  host_irq_enabled
#define irq_save     host_irq_save
#define irq_restore  host_irq_restore
#define cpu_wait_irq host_wait_irq
#include_next "kernel/x86/cpu.h"
#undef rdtsc
#undef irq_disable
#undef irq_enable
#undef irq_enabled
#undef irq_save
#undef irq_restore
#undef cpu_wait_irq

/* A tick of the counter is a nanosecond. */
extern uint64_t sim_now;
extern bool sim_irq_on;

static inline uint64_t rdtsc(void)
{
	return sim_now;
}

static inline void irq_disable(void)
{
	sim_irq_on = false;
}

static inline void irq_enable(void)
{
	sim_irq_on = true;
}

static inline bool irq_enabled(void)
{
	return sim_irq_on;
}

static inline uint64_t irq_save(void)
{
	uint64_t flags = sim_irq_on;

	sim_irq_on = false;
	return flags;
}

static inline void irq_restore(uint64_t flags)
{
	sim_irq_on = flags;
}

/* Back to the simulator: the idle thread has nothing to do. */
_Noreturn void cpu_wait_irq(void);
