/* SPDX-License-Identifier: BSD-2-Clause */
#include "kernel/x86/cpu.h"

#include "kernel/lib/string.h"

#include "kernel/x86/cpu_internal.h"
#include "kernel/x86/mitigate.h"
#include "kernel/x86/pcid.h"
#include "kernel/x86/percpu.h"
#include "kernel/x86/pti.h"

__ro_after_init uint64_t cpu_feature_bits;
__ro_after_init uint8_t cpu_smap_on;
__ro_after_init uint8_t cpu_fsgsbase_on;
__ro_after_init uint8_t cpu_pcid_on;
static __ro_after_init uint8_t phys_bits;
static __ro_after_init char vendor[13];
static __ro_after_init uint64_t pinned_cr0;
static __ro_after_init uint64_t pinned_cr4;

enum cpuid_reg { EAX, EBX, ECX, EDX };

static const struct feature_row {
	const char *name;
	uint32_t leaf;
	uint8_t subleaf;
	uint8_t reg;
	uint8_t bit;
} feature_table[] = {
#define FEATURE(name, leaf, subleaf, reg, bit) {#name, leaf, subleaf, reg, bit},
#include "kernel/x86/features.def"
#undef FEATURE
};

static struct cpuid_regs cpuid_raw(uint32_t leaf, uint32_t subleaf)
{
	struct cpuid_regs r;

	__asm__ volatile("cpuid"
			 : "=a"(r.eax), "=b"(r.ebx), "=c"(r.ecx), "=d"(r.edx)
			 : "a"(leaf), "c"(subleaf));
	return r;
}

struct cpuid_regs cpuid(uint32_t leaf, uint32_t subleaf)
{
	struct cpuid_regs last = cpuid_raw(leaf & 0xc0000000u, 0);

	if (leaf > last.eax)
		return (struct cpuid_regs){0};
	return cpuid_raw(leaf, subleaf);
}

static bool feature_present(const struct feature_row *row)
{
	struct cpuid_regs r = cpuid(row->leaf, row->subleaf);
	uint32_t words[] = {r.eax, r.ebx, r.ecx, r.edx};

	return words[row->reg] >> row->bit & 1;
}

static void vendor_read(void)
{
	struct cpuid_regs r = cpuid(0, 0);

	memcpy(vendor, &r.ebx, 4);
	memcpy(vendor + 4, &r.edx, 4);
	memcpy(vendor + 8, &r.ecx, 4);
}

static uint64_t features_read(void)
{
	uint64_t bits = 0;

	for (unsigned i = 0; i < CPU_FEATURE_COUNT; i++)
		if (feature_present(&feature_table[i]))
			bits |= BIT(i);
	/* XSAVE's parts mean nothing without it. */
	if (!(bits >> CPU_XSAVE & 1))
		bits &= ~(BIT(CPU_AVX) | BIT(CPU_AVX512F) | BIT(CPU_XSAVEOPT) | BIT(CPU_XSAVEC));
	return bits;
}

static bool pcid_decide(void)
{
	const struct pcid_facts facts = {
		.has_pcid = cpu_has(CPU_PCID),
		.has_global = cpu_has(CPU_PGE),
		.is_intel = strcmp(vendor, "GenuineIntel") == 0,
		.signature = cpuid(1, 0).eax,
	};

	return pcid_usable(&facts);
}

bool cpu_features_match(void)
{
	return (cpu_feature_bits & ~features_read()) == 0;
}

void cpu_features_detect(void)
{
	cpu_feature_bits = features_read();
	phys_bits = (uint8_t)cpuid(0x80000008u, 0).eax;
	if (phys_bits < 36 || phys_bits > 52)
		phys_bits = 36;
	vendor_read();
	cpu_pcid_on = pcid_decide();
}

const char *cpu_feature_name(enum cpu_feature feature)
{
	return feature < CPU_FEATURE_COUNT ? feature_table[feature].name : "?";
}

unsigned cpu_phys_bits(void)
{
	return phys_bits;
}

const char *cpu_vendor(void)
{
	return vendor;
}

enum err write_cr0(uint64_t value)
{
	if (pinned_cr0 & ~value)
		return ERR_PERM;
	__asm__ volatile("mov %0, %%cr0" : : "r"(value) : "memory");
	return OK;
}

enum err write_cr4(uint64_t value)
{
	if (pinned_cr4 & ~value)
		return ERR_PERM;
	__asm__ volatile("mov %0, %%cr4" : : "r"(value) : "memory");
	return OK;
}

void cpu_pin_control(void)
{
	pinned_cr0 = CR0_PG | CR0_WP | CR0_PE;
	pinned_cr4 = cr4_wanted() & (CR4_SMEP | CR4_SMAP | CR4_UMIP | CR4_FSGSBASE);
}

uint64_t cr0_wanted(void)
{
	return CR0_PG | CR0_AM | CR0_WP | CR0_NE | CR0_ET | CR0_MP | CR0_PE;
}

uint64_t cr4_wanted(void)
{
	uint64_t value = CR4_PAE | CR4_DE;

	value |= cpu_has(CPU_MCE) ? CR4_MCE : 0;
	value |= cpu_has(CPU_PGE) && !pti_on ? CR4_PGE : 0;
	value |= cpu_has(CPU_FXSR) ? CR4_OSFXSR | CR4_OSXMMEXCPT : 0;
	value |= cpu_has(CPU_XSAVE) ? CR4_OSXSAVE : 0;
	value |= cpu_has(CPU_SMEP) ? CR4_SMEP : 0;
	value |= cpu_has(CPU_SMAP) ? CR4_SMAP : 0;
	value |= cpu_has(CPU_UMIP) ? CR4_UMIP : 0;
	value |= cpu_has(CPU_FSGSBASE) ? CR4_FSGSBASE : 0;
	value |= cpu_pcid_on ? CR4_PCIDE : 0;
	/* Cannot change in 64-bit mode: stays what the door left. */
	return value | (read_cr4() & CR4_LA57);
}

uint64_t efer_wanted(void)
{
	return EFER_LMA | EFER_LME | EFER_SCE | (cpu_has(CPU_NX) ? EFER_NXE : 0) |
	       auto_ibrs_wanted();
}

static void debug_registers_clear(void)
{
	uint64_t zero = 0;

	__asm__ volatile("mov %0, %%dr7" : : "r"(DR7_DEFAULT));
	__asm__ volatile("mov %0, %%dr0; mov %0, %%dr1; mov %0, %%dr2; mov %0, %%dr3; mov %0, %%dr6"
			 :
			 : "r"(zero));
}

/*
 * No feature that CPUID lacks is ever written: some CPUs (and QEMU) hang on a reserved CR4 bit
 * instead of faulting.
 */
void cpu_init_control(void)
{
	wrmsr(MSR_EFER, efer_wanted());
	if (cpu_pcid_on)
		write_cr3(pcid_cr3_to_enable(read_cr3()));
	__asm__ volatile("mov %0, %%cr4" : : "r"(cr4_wanted()) : "memory");
	__asm__ volatile("mov %0, %%cr0" : : "r"(cr0_wanted()) : "memory");
	if (cpu_has(CPU_PAT))
		wrmsr(MSR_PAT, PAT_VALUE);
	/* What RDTSCP tells ring 3: which CPU it runs on. */
	if (cpu_has(CPU_RDTSCP))
		wrmsr(MSR_TSC_AUX, cpu_id());
	debug_registers_clear();
}

void cpu_init_entry(void)
{
	cpu_smap_on = cpu_has(CPU_SMAP);
	cpu_fsgsbase_on = cpu_has(CPU_FSGSBASE);
}

bool cpu_rdrand(uint64_t *value)
{
	uint64_t got;
	bool ok;

	if (!cpu_has(CPU_RDRAND))
		return false;
	__asm__ volatile("rdrand %0" : "=r"(got), "=@ccc"(ok));
	if (ok)
		*value = got;
	return ok;
}

bool cpu_rdseed(uint64_t *value)
{
	uint64_t got;
	bool ok;

	if (!cpu_has(CPU_RDSEED))
		return false;
	__asm__ volatile("rdseed %0" : "=r"(got), "=@ccc"(ok));
	if (ok)
		*value = got;
	return ok;
}
