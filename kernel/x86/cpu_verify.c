/* SPDX-License-Identifier: BSD-2-Clause */
#include "kernel/x86/cpu_verify.h"

#include "kernel/lib/compiler.h"

#include "kernel/x86/cpu.h"
#include "kernel/x86/cpu_internal.h"
#include "kernel/x86/desc.h"
#include "kernel/x86/fpu.h"
#include "kernel/x86/mitigate.h"
#include "kernel/x86/percpu.h"
#include "kernel/x86/pti.h"
#include "kernel/x86/trapframe.h"

#define ALL (~0ull)
#define READ_MSR(name, msr)              \
	static uint64_t name##_now(void) \
	{                                \
		return rdmsr(msr);       \
	}
#define WANT(name, value)                 \
	static uint64_t name##_want(void) \
	{                                 \
		return (uint64_t)(value); \
	}

READ_MSR(efer, MSR_EFER)
READ_MSR(star, MSR_STAR)
READ_MSR(lstar, MSR_LSTAR)
WANT(lstar, pti_on ? syscall_entry_pti : syscall_entry)
READ_MSR(cstar, MSR_CSTAR)
WANT(cstar, syscall_refuse)
READ_MSR(fmask, MSR_FMASK)
WANT(fmask, RFLAGS_SYSCALL_MASK)
READ_MSR(gs_base, MSR_GS_BASE)
WANT(gs_base, cpu_self())
WANT(zero, 0)
WANT(dr7, DR7_DEFAULT)
WANT(pat, cpu_has(CPU_PAT) ? PAT_VALUE : 0)
WANT(idt_base, idt)
WANT(idt_limit, sizeof(idt) - 1)
WANT(gdt_base, cpu_self()->gdt)
WANT(gdt_limit, sizeof(struct gdt) - 1)
WANT(tr, TSS_SEL)
WANT(tss_base, cpu_self()->tss)
WANT(iomap, sizeof(struct tss))

static uint64_t pat_now(void)
{
	return cpu_has(CPU_PAT) ? rdmsr(MSR_PAT) : 0;
}

static uint64_t tsc_aux_now(void)
{
	return cpu_has(CPU_RDTSCP) ? rdmsr(MSR_TSC_AUX) : 0;
}

static uint64_t tsc_aux_want(void)
{
	return cpu_has(CPU_RDTSCP) ? cpu_id() : 0;
}

static uint64_t sysenter_now(void)
{
	return cpu_has(CPU_SEP) ? rdmsr(MSR_SYSENTER_CS) : 0;
}

static uint64_t dr7_now(void)
{
	uint64_t value;

	__asm__ volatile("mov %%dr7, %0" : "=r"(value));
	return value;
}

static uint64_t xcr0_now(void)
{
	uint32_t low, high;

	if (!cpu_has(CPU_XSAVE))
		return 0;
	__asm__ volatile("xgetbv" : "=a"(low), "=d"(high) : "c"(0));
	return (uint64_t)high << 32 | low;
}

static uint64_t idt_base_now(void)
{
	return idt_loaded().base;
}

static uint64_t idt_limit_now(void)
{
	return idt_loaded().limit;
}

static uint64_t gdt_base_now(void)
{
	return gdt_loaded().base;
}

static uint64_t gdt_limit_now(void)
{
	return gdt_loaded().limit;
}

static uint64_t tr_now(void)
{
	return tr_loaded();
}

static uint64_t ldt_now(void)
{
	uint16_t selector;

	__asm__ volatile("sldt %0" : "=r"(selector));
	return selector;
}

/* Where the loaded descriptor, not our structure, says that the TSS is. */
static uint64_t tss_base_now(void)
{
	const struct gdt *gdt = (const struct gdt *)gdt_loaded().base;
	uint64_t low = gdt->entry[TSS_SEL / 8];

	return gdt->entry[TSS_SEL / 8 + 1] << 32 | (low >> 56) << 24 | (low >> 16 & 0xffffff);
}

static uint64_t iomap_now(void)
{
	return cpu_self()->tss->iomap_base;
}

static uint64_t flags_now(void)
{
	return read_rflags();
}

static const struct cpu_check checks[] = {
	{"CR0", read_cr0, ALL & ~CR0_TS, cr0_wanted},
	{"CR4", read_cr4, ALL, cr4_wanted},
	{"EFER", efer_now, ALL, efer_wanted},
	{"SPEC_CTRL", spec_ctrl_now, ALL, spec_ctrl_wanted},
	{"STAR", star_now, ALL, star_wanted},
	{"LSTAR", lstar_now, ALL, lstar_want},
	{"CSTAR", cstar_now, ALL, cstar_want},
	{"FMASK", fmask_now, ALL, fmask_want},
	{"SYSENTER_CS", sysenter_now, ALL, zero_want},
	{"TSC_AUX", tsc_aux_now, ALL, tsc_aux_want},
	{"GS_BASE", gs_base_now, ALL, gs_base_want},
	{"PAT", pat_now, ALL, pat_want},
	{"XCR0", xcr0_now, ALL, fpu_xcr0},
	{"DR7", dr7_now, ALL, dr7_want},
	{"IDT base", idt_base_now, ALL, idt_base_want},
	{"IDT limit", idt_limit_now, ALL, idt_limit_want},
	{"GDT base", gdt_base_now, ALL, gdt_base_want},
	{"GDT limit", gdt_limit_now, ALL, gdt_limit_want},
	{"TR", tr_now, ALL, tr_want},
	{"LDTR", ldt_now, ALL, zero_want},
	{"TSS base", tss_base_now, ALL, tss_base_want},
	{"TSS I/O map", iomap_now, ALL, iomap_want},
	{"RFLAGS", flags_now, RFLAGS_AC | RFLAGS_DF | RFLAGS_NT | RFLAGS_IOPL | RFLAGS_TF,
	 zero_want},
};

const struct cpu_check *cpu_checks(size_t *count)
{
	*count = ARRAY_SIZE(checks);
	return checks;
}

const char *cpu_verify(void)
{
	for (size_t i = 0; i < ARRAY_SIZE(checks); i++)
		if ((checks[i].read() ^ checks[i].wanted()) & checks[i].mask)
			return checks[i].name;
	return NULL;
}
