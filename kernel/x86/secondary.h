/* SPDX-License-Identifier: BSD-2-Clause */
#pragma once
/*
 * The way of a further CPU into the kernel: SDM vol 3, 8.4. Whoever starts it fills
 * secondary_start, sends INIT and STARTUP and waits; the CPU takes the ticket and calls @enter.
 */
#include "kernel/lib/types.h"

struct cpu;

struct secondary_start {
	uint32_t ticket; /* 1: may be taken */
	uint64_t tables; /* CR3 */
	uint64_t stack_top;
	struct cpu *cpu;
	void (*enter)(struct cpu *cpu); /* does not return */
};

/* Context: one CPU at a time; the caller serialises. */
extern struct secondary_start secondary_start;

/** Bytes of the code that has to lie in a page below 1 MiB. */
size_t trampoline_size(void);

/**
 * Write that code to @page, which is @phys for the new CPU.
 *
 * @tables: physical address, below 4 GiB, of tables that map @phys 1:1 and the kernel half.
 */
void trampoline_write(void *page, uint32_t phys, uint32_t tables);
