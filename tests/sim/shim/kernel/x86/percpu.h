/* SPDX-License-Identifier: BSD-2-Clause */
#pragma once
/* The kernel's own header; the CPU that runs is the simulator's choice, not GS's. */
#define cpu_self       gs_cpu_self
#define thread_current gs_thread_current
#define cpu_id         gs_cpu_id
#include_next "kernel/x86/percpu.h"
#undef cpu_self
#undef thread_current
#undef cpu_id

extern struct cpu *sim_self;

static inline struct cpu *cpu_self(void)
{
	return sim_self;
}

static inline struct thread *thread_current(void)
{
	return sim_self->current;
}

static inline uint32_t cpu_id(void)
{
	return sim_self->id;
}
