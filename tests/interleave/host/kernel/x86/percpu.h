/* SPDX-License-Identifier: BSD-2-Clause */
#pragma once
/* The kernel's header, but the CPU is the simulated one that the engine lets run. */
#define cpu_self       cpu_self_by_gs
#define thread_current thread_current_by_gs
#define cpu_id         cpu_id_by_gs
#include "../../../../../kernel/x86/percpu.h"
#undef cpu_self
#undef thread_current
#undef cpu_id

/* tests/interleave/machine.c */
struct cpu *machine_cpu(void);

static inline struct cpu *cpu_self(void)
{
	return machine_cpu();
}

static inline struct thread *thread_current(void)
{
	return machine_cpu()->current;
}

static inline uint32_t cpu_id(void)
{
	return machine_cpu()->id;
}
