/* SPDX-License-Identifier: BSD-2-Clause */
#include "kernel/core/irq.h"

#include "kernel/core/cpu_call.h"
#include "kernel/core/epoch.h"
#include "kernel/core/limits.h"
#include "kernel/core/log.h"
#include "kernel/core/panic_internal.h"
#include "kernel/core/spinlock.h"
#include "kernel/core/timer_internal.h"
#include "kernel/x86/cpus.h"
#include "kernel/x86/trap_hooks.h"

#define IRQ_VECTORS  256u
#define IRQ_NO_GSI   0xffffffffu
#define VECTOR_INT80 0x80u

struct irq_action {
	irq_handler handler;
	void *arg;
	uint32_t gsi;
	uint32_t unclaimed; /* interrupts in a row */
};

/* Written under the lock, read by trap_irq without it: a vector's row is complete before its pin
 * is unmasked. */
static struct irq_action irq_actions[IRQ_VECTORS];
static struct spinlock irq_lock = SPINLOCK_INIT(LOCK_IRQ);
static struct irq_hw irq_hw;
static unsigned irq_next_vector = VECTOR_IRQ_FIRST + 0x10; /* 0x20-0x2f: stray 8259 ones */
static uint64_t irq_spurious;
static uint64_t irq_counts[LIMIT_CPUS][IRQ_VECTORS];

static struct ioapic *irq_ioapic_of(uint32_t gsi)
{
	for (uint32_t i = 0; i < irq_hw.ioapic_count; i++) {
		struct ioapic *ioapic = &irq_hw.ioapics[i];

		if (gsi >= ioapic->gsi_base && gsi - ioapic->gsi_base < ioapic->pin_count)
			return ioapic;
	}
	return NULL;
}

/* No device had asked. */
static __noinline void irq_unclaimed(struct irq_action *action)
{
	struct ioapic *ioapic = irq_ioapic_of(action->gsi);

	if (!ioapic ||
	    __atomic_add_fetch(&action->unclaimed, 1, __ATOMIC_RELAXED) < IRQ_UNCLAIMED_MAX)
		return;
	spin_lock(&irq_lock);
	ioapic_mask(ioapic, action->gsi - ioapic->gsi_base);
	spin_unlock(&irq_lock);
	WRITE_ONCE(action->unclaimed, 0);
	log_err("irq", "line %u: %u interrupts that nobody claimed: masked", action->gsi,
		IRQ_UNCLAIMED_MAX);
}

static inline void irq_handle(struct irq_action *action, irq_handler handler)
{
	if (unlikely(!handler(action->arg)))
		irq_unclaimed(action);
	else if (unlikely(READ_ONCE(action->unclaimed)))
		WRITE_ONCE(action->unclaimed, 0);
}

void trap_irq(unsigned vector)
{
	struct irq_action *action = &irq_actions[vector & (IRQ_VECTORS - 1)];
	irq_handler handler = READ_ONCE(action->handler);

	irq_counts[cpu_id()][vector & (IRQ_VECTORS - 1)]++;
	/* SDM vol 3, 10.9: a spurious interrupt has no bit in the ISR, so no EOI. */
	if (vector == VECTOR_SPURIOUS) {
		__atomic_fetch_add(&irq_spurious, 1, __ATOMIC_RELAXED);
		return;
	}
	if (likely(handler))
		irq_handle(action, handler);
	else
		__atomic_fetch_add(&irq_spurious, 1, __ATOMIC_RELAXED);
	lapic_eoi();
}

void irq_register_vector(unsigned vector, irq_handler handler, void *arg)
{
	uint64_t flags = spin_lock_irqsave(&irq_lock);

	ASSERT(vector < IRQ_VECTORS && !irq_actions[vector].handler);
	irq_actions[vector].arg = arg;
	irq_actions[vector].gsi = IRQ_NO_GSI;
	__atomic_store_n(&irq_actions[vector].handler, handler, __ATOMIC_RELEASE);
	spin_unlock_irqrestore(&irq_lock, flags);
}

/* The vector that serves @gsi, or 0. */
static unsigned irq_vector_of(uint32_t gsi)
{
	for (unsigned vector = VECTOR_IRQ_FIRST; vector <= VECTOR_IRQ_LAST; vector++)
		if (irq_actions[vector].handler && irq_actions[vector].gsi == gsi)
			return vector;
	return 0;
}

static enum err irq_register_locked(uint32_t gsi, unsigned pin_flags, irq_handler handler,
				    void *arg)
{
	struct ioapic *ioapic = irq_ioapic_of(gsi);
	unsigned vector;

	if (!ioapic)
		return ERR_NODEV;
	if (irq_vector_of(gsi))
		return ERR_BUSY;
	if (irq_next_vector == VECTOR_INT80)
		irq_next_vector++;
	if (irq_next_vector > VECTOR_IRQ_LAST)
		return ERR_NOSPC;
	vector = irq_next_vector++;
	irq_actions[vector] = (struct irq_action){.handler = handler, .arg = arg, .gsi = gsi};
	ioapic_route(ioapic, gsi - ioapic->gsi_base, vector, percpu_boot.cpu.apic_id, pin_flags);
	ioapic_unmask(ioapic, gsi - ioapic->gsi_base);
	return OK;
}

static enum err irq_register(uint32_t gsi, unsigned pin_flags, irq_handler handler, void *arg)
{
	uint64_t flags = spin_lock_irqsave(&irq_lock);
	enum err err = irq_register_locked(gsi, pin_flags, handler, arg);

	spin_unlock_irqrestore(&irq_lock, flags);
	return err;
}

enum err irq_register_gsi(uint32_t gsi, irq_handler handler, void *arg)
{
	return irq_register(gsi, IOAPIC_ACTIVE_LOW | IOAPIC_LEVEL, handler, arg);
}

enum err irq_register_isa(unsigned isa_line, irq_handler handler, void *arg)
{
	if (isa_line >= IRQ_HW_ISA_LINES)
		return ERR_INVAL;
	return irq_register(irq_hw.isa[isa_line].gsi, irq_hw.isa[isa_line].flags, handler, arg);
}

void irq_unregister_isa(unsigned isa_line)
{
	uint32_t gsi = irq_hw.isa[isa_line % IRQ_HW_ISA_LINES].gsi;
	uint64_t flags = spin_lock_irqsave(&irq_lock);
	unsigned vector = irq_vector_of(gsi);

	if (vector) {
		ioapic_mask(irq_ioapic_of(gsi), gsi - irq_ioapic_of(gsi)->gsi_base);
		__atomic_store_n(&irq_actions[vector].handler, NULL, __ATOMIC_RELEASE);
	}
	spin_unlock_irqrestore(&irq_lock, flags);
}

static void irq_set_masked(unsigned isa_line, bool masked)
{
	uint32_t gsi = irq_hw.isa[isa_line % IRQ_HW_ISA_LINES].gsi;
	uint64_t flags = spin_lock_irqsave(&irq_lock);
	struct ioapic *ioapic = irq_ioapic_of(gsi);

	if (ioapic && masked)
		ioapic_mask(ioapic, gsi - ioapic->gsi_base);
	else if (ioapic)
		ioapic_unmask(ioapic, gsi - ioapic->gsi_base);
	spin_unlock_irqrestore(&irq_lock, flags);
}

void irq_mask_isa(unsigned isa_line)
{
	irq_set_masked(isa_line, true);
}

void irq_unmask_isa(unsigned isa_line)
{
	irq_set_masked(isa_line, false);
}

bool irq_isa_is_masked(unsigned isa_line)
{
	uint32_t gsi = irq_hw.isa[isa_line % IRQ_HW_ISA_LINES].gsi;
	uint64_t flags = spin_lock_irqsave(&irq_lock);
	struct ioapic *ioapic = irq_ioapic_of(gsi);
	bool masked = !ioapic || ioapic_is_masked(ioapic, gsi - ioapic->gsi_base);

	spin_unlock_irqrestore(&irq_lock, flags);
	return masked;
}

unsigned irq_vector_of_isa(unsigned isa_line)
{
	return irq_vector_of(irq_hw.isa[isa_line % IRQ_HW_ISA_LINES].gsi);
}

uint64_t irq_count_of(unsigned cpu, unsigned vector)
{
	ASSERT(cpu < LIMIT_CPUS && vector < IRQ_VECTORS);
	return READ_ONCE(irq_counts[cpu][vector]);
}

bool irq_line_of(unsigned vector, uint32_t *gsi)
{
	ASSERT(vector < IRQ_VECTORS);
	if (!irq_actions[vector].handler || irq_actions[vector].gsi == IRQ_NO_GSI)
		return false;
	*gsi = irq_actions[vector].gsi;
	return true;
}

uint64_t irq_count(void)
{
	uint64_t count = 0;

	/* Also of those that are out now. */
	for (unsigned id = 0; id < LIMIT_CPUS && cpu_at(id); id++)
		for (unsigned vector = 0; vector < IRQ_VECTORS; vector++)
			count += READ_ONCE(irq_counts[id][vector]);
	return count;
}

uint64_t irq_spurious_count(void)
{
	return READ_ONCE(irq_spurious);
}

void irq_init(const struct irq_hw *hw)
{
	irq_hw = *hw;
	pic_mask_all();
	lapic_init(hw->lapic);
	for (uint32_t i = 0; i < irq_hw.ioapic_count; i++)
		ioapic_init(&irq_hw.ioapics[i]);
	timer_init_cpu();
	cpu_call_init();
	epoch_init();
	panic_cpus_init();
	cpu_self()->apic_id = lapic_id();
	log_info("irq", "local APIC %u, %u IOAPICs", lapic_id(), irq_hw.ioapic_count);
}
