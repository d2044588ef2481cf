/* SPDX-License-Identifier: BSD-2-Clause */
#pragma once
/* Sets of CPUs: where a thread may run, which CPUs are idle. */
#include "kernel/lib/bits.h"
#include "kernel/lib/types.h"

#include "kernel/core/limits.h"

#define CPU_SET_WORDS ((LIMIT_CPUS + 63) / 64)

struct cpu_set {
	uint64_t words[CPU_SET_WORDS];
};

#define CPU_SET_FIRST ((struct cpu_set){.words = {1}})

static inline bool cpu_set_has(const struct cpu_set *set, uint32_t cpu)
{
	return READ_ONCE(set->words[cpu / 64]) >> (cpu % 64) & 1;
}

static inline struct cpu_set cpu_set_both(const struct cpu_set *a, const struct cpu_set *b)
{
	struct cpu_set both;

	for (uint32_t i = 0; i < CPU_SET_WORDS; i++)
		both.words[i] = a->words[i] & b->words[i];
	return both;
}

/* Atomic, and in one order with everything: who sets a bit and then looks is seen or sees. */
static inline void cpu_set_add(struct cpu_set *set, uint32_t cpu)
{
	__atomic_fetch_or(&set->words[cpu / 64], BIT(cpu % 64), __ATOMIC_SEQ_CST);
}

/** Whether it was in. */
static inline bool cpu_set_take(struct cpu_set *set, uint32_t cpu)
{
	uint64_t bit = BIT(cpu % 64);

	return __atomic_fetch_and(&set->words[cpu / 64], ~bit, __ATOMIC_SEQ_CST) & bit;
}

/** The first CPU of both sets at or behind @from, round the end; LIMIT_CPUS: none. */
static inline uint32_t cpu_set_find(const struct cpu_set *a, const struct cpu_set *b, uint32_t from)
{
	uint64_t mask = ~0ull << (from % 64);

	for (uint32_t i = 0; i <= CPU_SET_WORDS; i++) {
		uint32_t word = (from / 64 + i) % CPU_SET_WORDS;
		uint64_t both = READ_ONCE(a->words[word]) & READ_ONCE(b->words[word]) & mask;

		if (both)
			return word * 64 + (uint32_t)__builtin_ctzll(both);
		mask = ~0ull;
	}
	return LIMIT_CPUS;
}
