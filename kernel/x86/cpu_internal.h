/* SPDX-License-Identifier: BSD-2-Clause */
#pragma once
/* Between the files of kernel/x86, and for its selftests. */
#include "kernel/lib/types.h"

struct context;
struct cpu;
struct trapframe;

/* Read by the entry code: SMAP and FSGSBASE are enabled. */
extern uint8_t cpu_smap_on;
extern uint8_t cpu_fsgsbase_on;

/* CR4.PCIDE is to be set: see pcid.h. */
extern uint8_t cpu_pcid_on;

/* Sets the first two, once the first CPU's registers are set. */
void cpu_init_entry(void);

/* The one writer of the kernel's text, a few bytes at a time, while boot can still. */
void text_write(const uint8_t *at, const uint8_t *bytes, size_t len);

/* What the control registers must hold on this CPU model. */
uint64_t cr0_wanted(void);
uint64_t cr4_wanted(void);
uint64_t efer_wanted(void);

/* NASM: 256 stubs of 16 bytes; the system-call gate and its refusing twin. */
extern char trap_stubs[];
extern char entry_ordinary_start[], entry_ordinary_end[];
void syscall_entry(void);
void syscall_refuse(void);
/* Their twins under page-table isolation. */
extern char pti_trap_stubs[];
void syscall_entry_pti(void);
uint64_t star_wanted(void);
void syscall_init_cpu(void);

/* What context_switch_stack() pops. */
struct switch_frame {
	uint64_t r15, r14, r13, r12, rbx, rbp;
	void (*resume)(void);
};

/* NASM: secondary_entry.asm, and what it calls. */
void secondary_entry(void);
void secondary_main(void);

/* NASM: switch_stack.asm. */
void context_switch_stack(struct context *from, struct context *to);
void thread_entry_kernel(void);
void thread_entry_user(void);
void desc_reload_segments(void);

/* From the entry stubs; frame = what they saved. */
void trap_exception_user(struct trapframe *frame);
void trap_exception_kernel(struct trapframe *frame);
void trap_page_fault_user(struct trapframe *frame, uint64_t address);
void trap_page_fault_kernel(struct trapframe *frame, uint64_t address);
void trap_paranoid(struct trapframe *frame);
void trap_bad_user_rip(struct trapframe *frame);

/* Puts a CPU's IST stacks into its TSS; the word above each frame is the CPU's head. */
void tss_set_ist(struct cpu *cpu, unsigned slot, void *top);
