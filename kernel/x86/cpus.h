/* SPDX-License-Identifier: BSD-2-Clause */
#pragma once
/*
 * Which CPUs there are. A CPU's number is its place in the order of starting, CPU 0 the one that
 * booted; its local APIC's id may be any. Context of all: any.
 */
#include "kernel/lib/bits.h"
#include "kernel/lib/compiler.h"
#include "kernel/lib/types.h"

#include "kernel/x86/percpu.h"

#define CPUS_MAX 64u /* a set of CPUs is one word */

/* NULL: never started. A head that stands here once stays for ever. */
extern struct cpu *cpu_table[CPUS_MAX];

/* Bit n: CPU n takes part: it gets threads, calls and flushes. */
extern uint64_t cpus_online;

/** The head of CPU @id, or NULL. */
static inline struct cpu *cpu_at(unsigned id)
{
	return READ_ONCE(cpu_table[id]);
}

/** CPUs that take part. */
unsigned cpu_count(void);

/** All that take part but this one. */
static inline uint64_t cpus_others(void)
{
	return READ_ONCE(cpus_online) & ~BIT(cpu_id());
}

/* Go through the CPUs of a set, lowest number first. */
#define for_each_cpu(id, set)                                                  \
	for (uint64_t left_##id = (set), id = 0;                               \
	     left_##id && ((id = (uint64_t)__builtin_ctzll(left_##id)), true); \
	     left_##id &= left_##id - 1)

/** Stop all other CPUs for good, wherever they are. Context: panic. */
void cpus_stop_others(void);

/** Whether cpus_stop_others() was called: an NMI means that then. */
bool cpus_stopping(void);
