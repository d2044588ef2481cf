/* SPDX-License-Identifier: BSD-2-Clause */
/* The local APIC: registers by MMIO, or by MSR where the CPU has x2APIC. */
#include "kernel/x86/apic.h"

#include "kernel/lib/assert.h"

#include "kernel/x86/apic_mode.h"
#include "kernel/x86/cpu.h"
#include "kernel/x86/io.h"

/* Offsets of the MMIO page; MSR = 0x800 + offset / 16. SDM vol 3, table 10-1. */
#define REG_ID          0x020u
#define REG_TPR         0x080u
#define REG_EOI         0x0b0u
#define REG_SPURIOUS    0x0f0u
#define REG_ESR         0x280u
#define REG_ICR_LOW     0x300u
#define REG_ICR_HIGH    0x310u
#define REG_LVT_TIMER   0x320u
#define REG_LVT_THERMAL 0x330u
#define REG_LVT_PERF    0x340u
#define REG_LVT_LINT0   0x350u
#define REG_LVT_LINT1   0x360u
#define REG_LVT_ERROR   0x370u
#define REG_TIMER_INIT  0x380u
#define REG_TIMER_NOW   0x390u
#define REG_TIMER_DIV   0x3e0u

#define X2APIC_MSR_BASE 0x800u

#define SPURIOUS_ENABLE  0x100u
#define LVT_MASKED       0x10000u
#define LVT_NMI          0x400u
#define LVT_TSC_DEADLINE 0x40000u
#define DIVIDE_BY_1      0xbu
#define ICR_PENDING      0x1000u
#define ICR_ASSERT       0x4000u
#define ICR_NMI          0x400u
#define ICR_INIT         0x500u
#define ICR_STARTUP      0x600u
#define APIC_BASE_PHYS   0x000ffffffffff000ull
#define SEND_SPINS       1000000u

#define PIC1 0x20u
#define PIC2 0xa0u

static __ro_after_init volatile uint8_t *lapic_base;
static __ro_after_init enum apic_mode mode;

void pic_mask_all(void)
{
	/* ICW1-4: even a masked 8259 may raise its spurious vector, which must not be an exception.
	 */
	static const uint8_t words[2][4] = {{0x11, 0x20, 4, 1}, {0x11, 0x28, 2, 1}};
	static const uint16_t ports[2] = {PIC1, PIC2};

	for (unsigned pic = 0; pic < 2; pic++) {
		outb(ports[pic], words[pic][0]);
		for (unsigned i = 1; i < 4; i++)
			outb((uint16_t)(ports[pic] + 1), words[pic][i]);
		outb((uint16_t)(ports[pic] + 1), 0xff);
	}
}

static uint32_t lapic_read(uint32_t reg)
{
	if (mode == APIC_MODE_MSR)
		return (uint32_t)rdmsr(X2APIC_MSR_BASE + reg / 16);
	return mmio_read32(lapic_base + reg);
}

static void lapic_write(uint32_t reg, uint32_t value)
{
	if (mode == APIC_MODE_MSR)
		wrmsr(X2APIC_MSR_BASE + reg / 16, value);
	else
		mmio_write32(lapic_base + reg, value);
}

uint64_t lapic_phys(void)
{
	return rdmsr(MSR_APIC_BASE) & APIC_BASE_PHYS;
}

bool lapic_present(void)
{
	return mode != APIC_MODE_NONE;
}

bool lapic_reaches(uint32_t apic_id)
{
	return apic_mode_reaches(mode, apic_id);
}

uint32_t lapic_id(void)
{
	uint32_t id = lapic_read(REG_ID);

	return mode == APIC_MODE_MSR ? id : id >> 24;
}

static void lvt_init(void)
{
	lapic_write(REG_LVT_TIMER, LVT_MASKED | VECTOR_TIMER);
	lapic_write(REG_LVT_THERMAL, LVT_MASKED | VECTOR_SPURIOUS);
	lapic_write(REG_LVT_PERF, LVT_MASKED | VECTOR_SPURIOUS);
	/* The 8259s come in by LINT0: shut. LINT1 is the NMI pin. */
	lapic_write(REG_LVT_LINT0, LVT_MASKED | VECTOR_SPURIOUS);
	lapic_write(REG_LVT_LINT1, LVT_NMI);
	lapic_write(REG_LVT_ERROR, VECTOR_ERROR);
}

void lapic_init(volatile void *base)
{
	const struct apic_facts facts = {
		.has_x2apic = cpu_has(CPU_X2APIC),
		.has_memory = base != NULL,
		.base = rdmsr(MSR_APIC_BASE),
	};

	lapic_base = base;
	mode = apic_mode_choose(&facts);
	lapic_init_cpu();
}

void lapic_init_cpu(void)
{
	uint64_t steps[APIC_STEPS_MAX];
	unsigned count = apic_mode_steps(rdmsr(MSR_APIC_BASE), mode, steps);

	for (unsigned i = 0; i < count; i++)
		wrmsr(MSR_APIC_BASE, steps[i]);
	lapic_write(REG_TPR, 0);
	lvt_init();
	lapic_write(REG_TIMER_DIV, DIVIDE_BY_1);
	lapic_write(REG_TIMER_INIT, 0);
	lapic_write(REG_ESR, 0);
	lapic_write(REG_SPURIOUS, SPURIOUS_ENABLE | VECTOR_SPURIOUS);
	/* An interrupt may have been in service when the loader left. */
	lapic_eoi();
}

void lapic_eoi(void)
{
	lapic_write(REG_EOI, 0);
}

void lapic_set_priority(uint8_t priority)
{
	lapic_write(REG_TPR, priority);
}

void lapic_timer_start(uint32_t count)
{
	lapic_write(REG_LVT_TIMER, VECTOR_TIMER);
	lapic_write(REG_TIMER_INIT, count);
}

void lapic_timer_stop(void)
{
	lapic_write(REG_TIMER_INIT, 0);
}

uint32_t lapic_timer_left(void)
{
	return lapic_read(REG_TIMER_NOW);
}

void lapic_timer_use_deadline(void)
{
	ASSERT(cpu_has(CPU_TSC_DEADLINE));
	lapic_write(REG_LVT_TIMER, LVT_TSC_DEADLINE | VECTOR_TIMER);
	/* The mode must be there before the first deadline: SDM vol 3, 10.5.4.1. */
	__asm__ volatile("mfence" : : : "memory");
}

void lapic_timer_deadline(uint64_t tsc)
{
	wrmsr(MSR_TSC_DEADLINE, tsc);
}

static void lapic_command(uint32_t apic_id, uint32_t command)
{
	uint64_t flags = irq_save();

	if (mode == APIC_MODE_MSR) {
		/* These MSR writes do not wait for earlier stores: SDM vol 3, 10.12.3. */
		__asm__ volatile("mfence; lfence" : : : "memory");
		wrmsr(X2APIC_MSR_BASE + REG_ICR_LOW / 16, (uint64_t)apic_id << 32 | command);
	} else {
		lapic_write(REG_ICR_HIGH, apic_id << 24);
		lapic_write(REG_ICR_LOW, command);
		for (unsigned i = 0; i < SEND_SPINS && lapic_read(REG_ICR_LOW) & ICR_PENDING; i++)
			cpu_relax();
	}
	irq_restore(flags);
}

void lapic_send(uint32_t apic_id, unsigned vector)
{
	lapic_command(apic_id, ICR_ASSERT | vector);
}

/* By destination: the self shorthand is not defined for NMIs. */
void lapic_send_nmi(uint32_t apic_id)
{
	lapic_command(apic_id, ICR_ASSERT | ICR_NMI);
}

void lapic_send_init(uint32_t apic_id)
{
	lapic_command(apic_id, ICR_ASSERT | ICR_INIT);
}

void lapic_send_startup(uint32_t apic_id, uint8_t page)
{
	lapic_command(apic_id, ICR_ASSERT | ICR_STARTUP | page);
}
