/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Numbers that NASM code shares with C. Compiled to assembly only; the build turns each line
 * "->NAME value" of that into a constant of offsets.inc.
 */
#include "kernel/lib/compiler.h"
#include "kernel/lib/errors.h"
#include "kernel/lib/san.h"

#include "kernel/x86/desc.h"
#include "kernel/x86/percpu.h"
#include "kernel/x86/pti.h"
#include "kernel/x86/secondary.h"
#include "kernel/x86/switch.h"
#include "kernel/x86/trap.h"

#define VALUE(name, value)         __asm__ volatile("\n->" #name " %c0" : : "i"(value))
#define OFFSET(name, type, member) VALUE(name, offsetof(type, member))

#define GATE(vector, name, words, error, stack, dpl) | (uint64_t)(error) << (vector)
static const uint64_t error_vectors = 0
#include "kernel/x86/gates.def"
	;
#undef GATE

/* SYSRET may restore none of the first and needs the second (P-M5-03). */
#define SYSRET_FLAGS_LOOKED_AT                                                                   \
	(RFLAGS_TF | RFLAGS_RF | RFLAGS_IOPL | RFLAGS_VM | RFLAGS_VIF | RFLAGS_VIP | RFLAGS_NT | \
	 RFLAGS_IF)

void offsets_emit(void);
void offsets_emit(void)
{
	OFFSET(TF_R15, struct trapframe, r15);
	OFFSET(TF_R11, struct trapframe, r11);
	OFFSET(TF_RAX, struct trapframe, rax);
	OFFSET(TF_RCX, struct trapframe, rcx);
	OFFSET(TF_VECTOR, struct trapframe, vector);
	OFFSET(TF_ERROR, struct trapframe, error);
	OFFSET(TF_RIP, struct trapframe, rip);
	OFFSET(TF_CS, struct trapframe, cs);
	OFFSET(TF_RFLAGS, struct trapframe, rflags);
	OFFSET(TF_RSP, struct trapframe, rsp);
	OFFSET(TF_SS, struct trapframe, ss);
	VALUE(TF_SIZE, sizeof(struct trapframe));
	VALUE(TRAP_SYSCALL, TRAP_SYSCALL);
	VALUE(TRAP_INT80, TRAP_INT80);
	VALUE(USER_CS, USER_CS);
	VALUE(USER_SS, USER_SS);
	VALUE(KERNEL_CS, KERNEL_CS);
	VALUE(KERNEL_SS, KERNEL_SS);
	VALUE(TSS_SEL, TSS_SEL);
	VALUE(ERROR_VECTORS, error_vectors);

	OFFSET(CPU_SELF, struct cpu, self);
	OFFSET(CPU_CURRENT, struct cpu, current);
	OFFSET(CPU_KERNEL_RSP, struct cpu, kernel_rsp);
	OFFSET(CPU_USER_RSP, struct cpu, user_rsp);
	OFFSET(CPU_CANARY, struct cpu, canary);
	OFFSET(CPU_IRQ_STACK_TOP, struct cpu, irq_stack_top);
	OFFSET(CPU_IRQ_DEPTH, struct cpu, irq_depth);
	OFFSET(CPU_TSS, struct cpu, tss);
	OFFSET(ENTRY_USER_RSP, struct cpu_entry, user_rsp);
	VALUE(PAGE_BYTES, sizeof(struct cpu_entry));
	VALUE(PTI_ROOT_BIT, PTI_ROOT_BIT);
	OFFSET(TSS_RSP0, struct tss, rsp);

	OFFSET(START_TICKET, struct secondary_start, ticket);
	OFFSET(START_TABLES, struct secondary_start, tables);
	OFFSET(START_STACK, struct secondary_start, stack_top);
	OFFSET(START_CPU, struct secondary_start, cpu);

	OFFSET(CTX_RSP, struct context, rsp);
	OFFSET(CTX_KERNEL_RSP, struct context, kernel_rsp);
	OFFSET(CTX_CANARY, struct context, canary);
	OFFSET(CTX_WORK, struct context, work);

	VALUE(SAN, CONFIG_SAN);
	VALUE(MSR_GS_BASE_NR, MSR_GS_BASE);
	VALUE(FLAGS_USER, RFLAGS_USER);
	VALUE(FLAGS_FORCED, RFLAGS_FIXED | RFLAGS_IF);
	VALUE(FLAGS_IF, RFLAGS_IF);
	VALUE(SYSRET_FLAGS_LOOKED_AT, SYSRET_FLAGS_LOOKED_AT);
	VALUE(RESULT_NOSYS, ERR_NOSYS);
	VALUE(RESULT_FAULT, ERR_FAULT);
}
