/* SPDX-License-Identifier: BSD-2-Clause */
/* Who gets an exception. Entered from the stubs with interrupts off. */
#include "kernel/x86/trap.h"

#include "kernel/x86/cpu.h"
#include "kernel/x86/cpu_internal.h"
#include "kernel/x86/cpus.h"
#include "kernel/x86/extable.h"
#include "kernel/x86/percpu.h"
#include "kernel/x86/sections.h"
#include "kernel/x86/trap_hooks.h"

#define USER_HALF_END 0x0000800000000000ull
#define FRAME_REACH   0x8000u /* no kernel stack is larger */

bool (*trap_expect_hook)(struct trapframe *frame, unsigned vector, uint64_t address);

static bool expected(struct trapframe *frame, unsigned vector, uint64_t address)
{
	return unlikely(trap_expect_hook) && trap_expect_hook(frame, vector, address);
}

/* A set reserved bit means that a page table is damaged: nobody's page fault. */
static bool tables_damaged(const struct trapframe *frame)
{
	return frame->error & PF_RESERVED;
}

void trap_page_fault_user(struct trapframe *frame, uint64_t address)
{
	if (unlikely(tables_damaged(frame)))
		trap_kernel_fatal(frame, TRAP_PF, address);
	if (expected(frame, TRAP_PF, address))
		return;
	irq_enable();
	/*
	 * Without PF_USER the CPU itself read something on ring 3's behalf (a descriptor; in
	 * QEMU's TCG also the frame of IRET and RETF): bringing the page in would not help.
	 */
	if (address >= USER_HALF_END || !(frame->error & PF_USER) ||
	    !trap_page_fault(frame, address))
		trap_user_exception(frame, TRAP_PF, address);
	irq_disable();
}

/* Goes on at the fixup of exactly this instruction. */
static bool fixed_up(struct trapframe *frame)
{
	uint64_t fixup = extable_find(frame->rip);

	if (!fixup)
		return false;
	frame->rip = fixup;
	cpu_self()->fixup_count++;
	return true;
}

static bool copy_resolved(struct trapframe *frame, uint64_t address)
{
	bool resolved;

	if (!extable_find(frame->rip) || address >= USER_HALF_END || tables_damaged(frame))
		return false;
	if (frame->rflags & RFLAGS_IF)
		irq_enable();
	resolved = trap_page_fault(frame, address);
	irq_disable();
	return resolved;
}

void trap_page_fault_kernel(struct trapframe *frame, uint64_t address)
{
	if (expected(frame, TRAP_PF, address) || copy_resolved(frame, address))
		return;
	if (!tables_damaged(frame) && fixed_up(frame))
		return;
	trap_kernel_fatal(frame, TRAP_PF, address);
}

void trap_exception_user(struct trapframe *frame)
{
	/* The CPU only ever sets bits there. */
	if (frame->vector == TRAP_DB)
		__asm__ volatile("mov %0, %%dr6" : : "r"(0ull));
	if (expected(frame, (unsigned)frame->vector, 0))
		return;
	irq_enable();
	trap_user_exception(frame, (unsigned)frame->vector, 0);
	irq_disable();
}

void trap_exception_kernel(struct trapframe *frame)
{
	unsigned vector = (unsigned)frame->vector;

	if (expected(frame, vector, 0))
		return;
	/* A user copy at a non-canonical address. */
	if (vector == TRAP_GP && fixed_up(frame))
		return;
	trap_kernel_fatal(frame, vector, 0);
}

/* A breakpoint that ring 3's MOV SS carried over to the first instruction of an entry path. */
static bool debug_carried_over(const struct trapframe *frame)
{
	return frame->rip >= (uint64_t)entry_text_start && frame->rip < (uint64_t)entry_text_end;
}

static void debug_kernel(struct trapframe *frame)
{
	uint64_t status;

	__asm__ volatile("mov %%dr6, %0" : "=r"(status));
	__asm__ volatile("mov %0, %%dr6" : : "r"(0ull));
	if (expected(frame, TRAP_DB, status) || debug_carried_over(frame))
		return;
	trap_kernel_fatal(frame, TRAP_DB, status);
}

/* A value of ring 3's in RBP would lead the backtrace anywhere. */
static _Noreturn void stop_here(const struct trapframe *frame)
{
	struct cpu *cpu = cpu_self();

	if (!trapframe_from_user(frame) && frame->rbp - frame->rsp < FRAME_REACH)
		WRITE_ONCE(cpu->stopped_frame, frame->rbp);
	WRITE_ONCE(cpu->stopped_at, frame->rip);
	cpu_stop();
}

/* NMI, #MC, #DF and #DB of ring 0, on an IST stack. Nothing here sleeps or takes a lock. */
void trap_paranoid(struct trapframe *frame)
{
	unsigned vector = (unsigned)frame->vector;
	uint64_t address = read_cr2();

	if (vector == TRAP_DB) {
		debug_kernel(frame);
		return;
	}
	if (vector == TRAP_NMI) {
		if (unlikely(cpus_stopping()))
			stop_here(frame);
		cpu_self()->nmi_count++;
	}
	if (expected(frame, vector, address) || vector == TRAP_NMI)
		return;
	trap_kernel_fatal(frame, vector, address);
}

/* The frame holds an address that IRETQ cannot go to: ring 3 gets its #GP before the return. */
void trap_bad_user_rip(struct trapframe *frame)
{
	irq_enable();
	trap_user_exception(frame, TRAP_GP, 0);
	irq_disable();
}

uint64_t trap_fixup_count(void)
{
	return cpu_self()->fixup_count;
}
