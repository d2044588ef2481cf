/* SPDX-License-Identifier: BSD-2-Clause */
#pragma once
/*
 * Process-context identifiers: each CPU keeps the translations of the last few roots that it held,
 * by a number of its own for each, so that coming back to one of them need not flush. SDM vol 3,
 * 4.10.1. A CPU that does not hold a root is not told of its flushes: it finds out by their count
 * when it loads the root again. Pure: tried on the host, since QEMU's TCG has no PCIDs.
 */
#include "kernel/lib/types.h"

/* Number 0 is the kernel root's; the others change hands in turn. */
#define PCID_SLOTS  7u
#define PCID_MASK   0xfffull
#define PCID_KEEP   (1ull << 63) /* in what is written to CR3: flush nothing */
#define PCID_KERNEL 1ull         /* the kernel root's id */

struct pcid_facts {
	bool has_pcid;   /* CPUID leaf 1, ECX bit 17 */
	bool has_global; /* CPUID leaf 1, EDX bit 13: the kernel half is in every context */
	bool is_intel;
	uint32_t signature; /* CPUID leaf 1, EAX */
};

/** Whether CR4.PCIDE is to be set, on all CPUs. */
bool pcid_usable(const struct pcid_facts *facts);

/** What CR3 must hold, instead of @cr3, before CR4.PCIDE may be set. */
uint64_t pcid_cr3_to_enable(uint64_t cr3);

struct pcid_slot {
	uint64_t root_id; /* 0: nobody's */
	uint64_t flushed; /* so many of the root's flushes are done here */
};

/* What one CPU knows. All zero: nothing. */
struct pcid_cpu {
	struct pcid_slot slots[PCID_SLOTS];
	uint64_t ids_drawn;
	uint64_t turn; /* whose slot goes next */
};
static_assert(sizeof(struct pcid_cpu) == 128, "two cache lines");

/** An id that no root ever had: its memory may be another's before. Context: CPU @number itself. */
uint64_t pcid_draw_id(struct pcid_cpu *cpu, unsigned number);

/**
 * What CR3 must be loaded with. @flushes: the root's flushes so far, read after whoever flushes
 * could see that this CPU holds the root.
 */
uint64_t pcid_load(struct pcid_cpu *cpu, uint64_t pml4_phys, uint64_t root_id, uint64_t flushes);

/** The CPU, which holds the root, has done its flush @number (the first is 1). */
void pcid_flushed(struct pcid_cpu *cpu, uint64_t root_id, uint64_t number);

/** All translations are gone: the CPU comes from a reset. Ids go on. */
void pcid_forget(struct pcid_cpu *cpu);
