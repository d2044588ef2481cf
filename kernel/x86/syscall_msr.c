/* SPDX-License-Identifier: BSD-2-Clause */
/* The SYSCALL gate's registers: SDM vol 3, 5.8.8. */
#include "kernel/x86/cpu.h"
#include "kernel/x86/cpu_internal.h"
#include "kernel/x86/pti.h"
#include "kernel/x86/trapframe.h"

/* SYSRET takes SS = STAR[63:48] + 8 and CS = + 16: the user selectors' order follows from it. */
uint64_t star_wanted(void)
{
	static_assert(USER_SS + 8 == USER_CS && KERNEL_CS + 8 == KERNEL_SS, "SYSCALL and SYSRET");
	return (uint64_t)(USER_SS - 8) << 48 | (uint64_t)KERNEL_CS << 32;
}

void syscall_init_cpu(void)
{
	wrmsr(MSR_STAR, star_wanted());
	wrmsr(MSR_LSTAR, (uint64_t)(pti_on ? syscall_entry_pti : syscall_entry));
	wrmsr(MSR_CSTAR, (uint64_t)syscall_refuse);
	wrmsr(MSR_FMASK, RFLAGS_SYSCALL_MASK);
	/* CS 0: SYSENTER is a #GP. */
	if (cpu_has(CPU_SEP)) {
		wrmsr(MSR_SYSENTER_CS, 0);
		wrmsr(MSR_SYSENTER_ESP, 0);
		wrmsr(MSR_SYSENTER_EIP, 0);
	}
}
