/* SPDX-License-Identifier: BSD-2-Clause */
#pragma once
/* Exceptions: names for reports, what the entry stubs call, and the selftests' expectation hook. */
#include "kernel/lib/compiler.h"

#include "kernel/x86/trapframe.h"

enum trap_vector {
	TRAP_DE = 0,
	TRAP_DB = 1,
	TRAP_NMI = 2,
	TRAP_BP = 3,
	TRAP_OF = 4,
	TRAP_BR = 5,
	TRAP_UD = 6,
	TRAP_NM = 7,
	TRAP_DF = 8,
	TRAP_TS = 10,
	TRAP_NP = 11,
	TRAP_SS = 12,
	TRAP_GP = 13,
	TRAP_PF = 14,
	TRAP_MF = 16,
	TRAP_AC = 17,
	TRAP_MC = 18,
	TRAP_XM = 19,
	TRAP_CP = 21,
};

/* Bits of a page fault's error code: SDM vol 3, 4.7. */
#define PF_PRESENT  0x01u
#define PF_WRITE    0x02u
#define PF_USER     0x04u
#define PF_RESERVED 0x08u
#define PF_FETCH    0x10u
#define PF_KEY      0x20u

/* "page fault", "#PF"; vectors from 32 on are "interrupt", "IRQ". Never NULL. */
const char *trap_name(unsigned vector);
const char *trap_mnemonic(unsigned vector);
/* Writes e.g. "write to a read-only page by the kernel" for a #PF, selector words for others. */
void trap_describe_error(unsigned vector, uint64_t error, char *to, size_t size);

/*
 * While selftests run: sees each exception of ring 0 before anybody else and returns true when it
 * has changed the frame so that the code goes on. Exceptions of ring 3 come by as well. NULL
 * otherwise; x86_seal() clears it for good.
 */
extern bool (*trap_expect_hook)(struct trapframe *frame, unsigned vector, uint64_t address);

/* User-copy faults that ended in the exception table on this CPU so far. */
uint64_t trap_fixup_count(void);
