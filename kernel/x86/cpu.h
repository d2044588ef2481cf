/* SPDX-License-Identifier: BSD-2-Clause */
#pragma once
/* The CPU's features, its control and model-specific registers, and single instructions. Context:
 * any. */
#include "kernel/lib/compiler.h"
#include "kernel/lib/debug.h"
#include "kernel/lib/errors.h"
#include "kernel/lib/types.h"

#include "kernel/x86/delay.h"
#include "kernel/x86/features.h"
#include "kernel/x86/regs.h"

struct cpuid_regs {
	uint32_t eax, ebx, ecx, edx;
};

/* One bit per feature, filled once by cpu_features_detect(). */
extern uint64_t cpu_feature_bits;

/* Fills the feature bits and the address widths from CPUID. Context: boot, before anything asks. */
void cpu_features_detect(void);
/* Whether this CPU has every feature that CPU 0 has. */
bool cpu_features_match(void);
/* The name of a feature as in features.def. */
const char *cpu_feature_name(enum cpu_feature feature);
/* Physical address bits (MAXPHYADDR), 36 to 52. */
unsigned cpu_phys_bits(void);
/* 12 characters and NUL, e.g. "AuthenticAMD". */
const char *cpu_vendor(void);

static __always_inline bool cpu_has(enum cpu_feature feature)
{
	return cpu_feature_bits >> feature & 1;
}

/* Leaves beyond the CPU's last one read as zero: hardware would answer with another leaf's data. */
struct cpuid_regs cpuid(uint32_t leaf, uint32_t subleaf);

static __always_inline uint64_t rdmsr(uint32_t msr)
{
	uint32_t low, high;

	__asm__ volatile("rdmsr" : "=a"(low), "=d"(high) : "c"(msr));
	return (uint64_t)high << 32 | low;
}

static __always_inline void wrmsr(uint32_t msr, uint64_t value)
{
	__asm__ volatile("wrmsr"
			 :
			 : "c"(msr), "a"((uint32_t)value), "d"((uint32_t)(value >> 32))
			 : "memory");
}

static __always_inline uint64_t read_cr0(void)
{
	uint64_t value;

	__asm__ volatile("mov %%cr0, %0" : "=r"(value));
	return value;
}

static __always_inline uint64_t read_cr2(void)
{
	uint64_t value;

	__asm__ volatile("mov %%cr2, %0" : "=r"(value));
	return value;
}

static __always_inline uint64_t read_cr3(void)
{
	uint64_t value;

	__asm__ volatile("mov %%cr3, %0" : "=r"(value) : : "memory");
	return value;
}

static __always_inline void write_cr3(uint64_t value)
{
	__asm__ volatile("mov %0, %%cr3" : : "r"(value) : "memory");
}

static __always_inline uint64_t read_cr4(void)
{
	uint64_t value;

	__asm__ volatile("mov %%cr4, %0" : "=r"(value));
	return value;
}

/*
 * The only writers of CR0 and CR4. Once cpu_pin_control() ran, a value without a pinned bit is
 * refused: ERR_PERM, register unchanged.
 */
enum err write_cr0(uint64_t value);
enum err write_cr4(uint64_t value);
/* Pins the protection bits that are set now, for every CPU. */
void cpu_pin_control(void);
/* CR0, CR4, EFER, PAT and the debug registers of this CPU, as cpu_verify() expects them. */
void cpu_init_control(void);

static __always_inline uint64_t rdtsc(void)
{
	uint32_t low, high;

	__asm__ volatile("rdtsc" : "=a"(low), "=d"(high));
	return (uint64_t)high << 32 | low;
}

static __always_inline uint64_t read_rflags(void)
{
	uint64_t flags;

	__asm__ volatile("pushfq; popq %0" : "=r"(flags) : : "memory");
	return flags;
}

static __always_inline void irq_disable(void)
{
	__asm__ volatile("cli" : : : "memory");
}

static __always_inline void irq_enable(void)
{
	if (CONFIG_DEBUG)
		delay_here();
	__asm__ volatile("sti" : : : "memory");
}

static __always_inline bool irq_enabled(void)
{
	return read_rflags() & RFLAGS_IF;
}

/* Disables interrupts; the result goes to irq_restore(). */
static __always_inline uint64_t irq_save(void)
{
	uint64_t flags = read_rflags();

	irq_disable();
	return flags;
}

static __always_inline void irq_restore(uint64_t flags)
{
	if (flags & RFLAGS_IF)
		irq_enable();
}

/* Enables interrupts and waits for one; an interrupt that came before cannot be lost. */
static __always_inline void cpu_wait_irq(void)
{
	__asm__ volatile("sti; hlt" : : : "memory");
}

/* One `hlt` with interrupts as they are. */
static __always_inline void cpu_halt(void)
{
	__asm__ volatile("hlt" : : : "memory");
}

/* Stops this CPU for good. */
static inline __noreturn void cpu_stop(void)
{
	for (;;) {
		irq_disable();
		cpu_halt();
	}
}

static __always_inline void cpu_relax(void)
{
	__asm__ volatile("pause" : : : "memory");
}

static __always_inline void invlpg(uint64_t address)
{
	__asm__ volatile("invlpg (%0)" : : "r"(address) : "memory");
}

/* One try each; false when the hardware had nothing (or lacks the instruction). */
bool cpu_rdrand(uint64_t *value);
bool cpu_rdseed(uint64_t *value);
