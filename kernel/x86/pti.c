/* SPDX-License-Identifier: BSD-2-Clause */
#include "kernel/x86/pti.h"

#include "kernel/lib/compiler.h"

#include "kernel/x86/cpu.h"
#include "kernel/x86/cpu_internal.h"
#include "kernel/x86/desc.h"
#include "kernel/x86/percpu.h"
#include "kernel/x86/trap.h"

#define JMP_NEAR   0xe9
#define JUMP_BYTES 5u

/* Where VERW stands on both ways out a jump fits as well; the isolating ways have their own VERW.
 */
extern const uint8_t clear_buffers_syscall[], clear_buffers_iret[];
extern const uint8_t pti_leave_syscall[], pti_leave_iret[];
/* The switch's store of TSS.RSP0, 4 bytes: under isolation that is the entry page for good. */
extern const uint8_t rsp0_store[];

__ro_after_init bool pti_on;

static void make_jump(const uint8_t *from, const uint8_t *to)
{
	uint32_t distance = (uint32_t)(to - from - (int64_t)JUMP_BYTES);
	const uint8_t code[] = {JMP_NEAR, (uint8_t)distance, (uint8_t)(distance >> 8),
				(uint8_t)(distance >> 16), (uint8_t)(distance >> 24)};

	text_write(from, code, sizeof(code));
}

void pti_choose(void)
{
	pti_on = true;
	cpu_pcid_on = 0;
}

void pti_enable(void)
{
	static const uint8_t no_operation[] = {0x0f, 0x1f, 0x40, 0x00};

	if (!pti_on)
		return;
	make_jump(clear_buffers_syscall, pti_leave_syscall);
	make_jump(clear_buffers_iret, pti_leave_iret);
	text_write(rsp0_store, no_operation, sizeof(no_operation));
	idt_init();
	syscall_init_cpu();
	tss_set_kernel_stack(cpu_self(), cpu_self()->kernel_rsp);
	/* Without PGE and PCIDE. Nothing is pinned yet. */
	if (write_cr4(cr4_wanted()) != OK)
		cpu_stop();
}

bool pti_is_on_here(void)
{
	const struct idt_gate *gate = &((const struct idt_gate *)idt_loaded().base)[TRAP_PF];

	return rdmsr(MSR_LSTAR) == (uint64_t)syscall_entry_pti && !(read_cr4() & CR4_PGE) &&
	       idt_gate_handler(gate) == (uint64_t)pti_trap_stubs + 16ull * TRAP_PF;
}
