/* SPDX-License-Identifier: BSD-2-Clause */
/* Control registers and the system-call gate, as CPUID and the one table want them. */
#include "kernel/x86/cpu.h"
#include "kernel/x86/cpu_internal.h"
#include "kernel/x86/cpu_verify.h"
#include "kernel/x86/pti.h"
#include "kernel/x86/sections.h"
#include "selftest/selftest.h"

/* Asks CPUID itself: a detection that misses a feature must not hide it here. */
static bool cpuid_bit(uint32_t leaf, uint32_t word, unsigned bit)
{
	struct cpuid_regs r = cpuid(leaf, 0);
	uint32_t words[] = {r.eax, r.ebx, r.ecx, r.edx};

	return words[word] >> bit & 1;
}

SELFTEST(M3, 1, control_registers)
{
	uint64_t cr4 = read_cr4();
	uint64_t efer = rdmsr(MSR_EFER);

	CHECK(read_cr0() & CR0_WP);
	CHECK(!(read_cr0() & (CR0_CD | CR0_NW | CR0_EM)));
	CHECK(efer & EFER_SCE);
	CHECK(!(efer & EFER_NXE) == !cpuid_bit(0x80000001u, 3, 20));
	CHECK(!(cr4 & CR4_SMEP) == !cpuid_bit(7, 1, 7));
	CHECK(!(cr4 & CR4_SMAP) == !cpuid_bit(7, 1, 20));
	CHECK(!(cr4 & CR4_UMIP) == !cpuid_bit(7, 2, 2));
	CHECK(!(cr4 & CR4_FSGSBASE) == !cpuid_bit(7, 1, 0));
	/* It may be left off where CPUID has it; see pcid.h. */
	CHECK(!(cr4 & CR4_PCIDE) || cpuid_bit(1, 2, 17));
	CHECK(!(cr4 & CR4_PCE));
	CHECK(!(cr4 & CR4_TSD));
	CHECK(!(cr4 & CR4_PKE));
	return true;
}

SELFTEST(M3, 1, whole_table)
{
	const char *wrong = cpu_verify();

	CHECK(wrong == NULL);
	return true;
}

/* The pins act once they are set; what is set for good at the end of the boot is tried here. */
SELFTEST(M3, 2, pinned_bits_stay)
{
	uint64_t cr0 = read_cr0();
	uint64_t cr4 = read_cr4();
	uint64_t pinned = cr4 & (CR4_SMEP | CR4_SMAP | CR4_UMIP | CR4_FSGSBASE);

	cpu_pin_control();
	CHECK(write_cr0(cr0 & ~CR0_WP) == ERR_PERM);
	CHECK(read_cr0() == cr0);
	for (unsigned bit = 0; bit < 32; bit++) {
		if (!(pinned >> bit & 1))
			continue;
		CHECK(write_cr4(cr4 & ~BIT(bit)) == ERR_PERM);
		CHECK(read_cr4() == cr4);
	}
	CHECK(write_cr0(cr0) == OK && write_cr4(cr4) == OK);
	return true;
}

static bool in_text(uint64_t address)
{
	return address >= (uint64_t)text_start && address < (uint64_t)text_end;
}

SELFTEST(M5, 1, gate_registers)
{
	uint64_t must =
		RFLAGS_IF | RFLAGS_TF | RFLAGS_DF | RFLAGS_AC | RFLAGS_NT | RFLAGS_RF | RFLAGS_IOPL;
	uint64_t fmask = rdmsr(MSR_FMASK);

	CHECK((fmask & must) == must && fmask == RFLAGS_SYSCALL_MASK);
	CHECK(rdmsr(MSR_LSTAR) == (uint64_t)(pti_on ? syscall_entry_pti : syscall_entry) &&
	      in_text(rdmsr(MSR_LSTAR)));
	CHECK(rdmsr(MSR_CSTAR) == (uint64_t)syscall_refuse && in_text(rdmsr(MSR_CSTAR)));
	/* SYSRET: SS = 0x23 + 8, CS = 0x23 + 16; SYSCALL: CS = 0x10, SS = 0x18. */
	CHECK(rdmsr(MSR_STAR) == 0x0023001000000000ull);
	CHECK(rdmsr(MSR_EFER) & EFER_SCE);
	if (cpu_has(CPU_SEP))
		CHECK(rdmsr(MSR_SYSENTER_CS) == 0);
	return true;
}
