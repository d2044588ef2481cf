/* SPDX-License-Identifier: BSD-2-Clause */
#pragma once
/*
 * Provoked faults and broken assertions. One expectation is armed at a time, by selftest code
 * only; all of vector, error code, address and RIP must agree, and it is disarmed on return.
 */
#include "kernel/lib/san.h"

#include "kernel/x86/trap.h"

/* One fault. `address`: CR2 for #PF and #DF, DR6 for #DB, 0 for others. */
struct fault {
	unsigned vector;
	uint64_t error;
	uint64_t address;
	uint64_t rip;
};

/* Runs fn(arg) and says whether it ended in exactly this fault. */
bool expect_fault(const struct fault *wanted, void (*fn)(void *), void *arg);
/* Runs fn(arg); true = it ended in some fault, described in *got. */
bool catch_fault(struct fault *got, void (*fn)(void *), void *arg);
/* Where the entry code had put the last caught fault's frame. */
const struct trapframe *expect_last_frame(void);
/* The last caught fault's registers. */
const struct trapframe *expect_last_regs(void);

/* One-byte accesses at `address` that must fault with this #PF error code, at that address. */
bool expect_read_fault(uint64_t address, uint64_t error);
bool expect_write_fault(uint64_t address, uint64_t error);
/* A call to `address` must fault at its first fetch. */
bool expect_exec_fault(uint64_t address, uint64_t error);
/* The same accesses must work; true when they did. */
bool expect_read_ok(uint64_t address);

/* Runs fn(arg) and says whether it broke an assertion (kernel/core/panic.h). */
bool expect_assert(void (*fn)(void *), void *arg);

/* expect_entry.asm: what lets a faulting function be left. */
struct expect_slot {
	uint64_t rsp;
};
/* Return: 0 = fn came back, 1 = left by expect_leave() or at expect_landing. */
int expect_call(void (*fn)(void *), void *arg, struct expect_slot *slot);
_Noreturn void expect_leave(struct expect_slot *slot);
void expect_landing(void);

/* A byte that nobody may touch: inverted, unseen by the checks of a SAN build. */
void flip_unchecked(void *at);

/* probes.asm: one access each, its address as a label. */
void probe_read(void *address);
void probe_write(void *address);
void probe_exec(void *address);
extern char probe_read_at[], probe_write_at[];
