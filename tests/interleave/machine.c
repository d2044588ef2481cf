/* SPDX-License-Identifier: BSD-2-Clause */
/* The simulated machine below the kernel's code: CPUs and interrupts. Time stands still. */
#include "tests/interleave/machine.h"

#include <string.h>

#include "kernel/core/irq.h"
#include "kernel/core/panic.h"
#include "kernel/core/spinlock_internal.h"
#include "kernel/core/time.h"
#include "kernel/x86/cpu.h"
#include "kernel/x86/cpus.h"
#include "kernel/x86/cpus_hooks.h"
#include "kernel/x86/patience.h"

static struct cpu cpus[ENGINE_CPUS];
static bool irq_on[ENGINE_CPUS];
static irq_handler handlers[256];
static uint64_t pending[ENGINE_CPUS][4]; /* vectors */

struct cpu *cpu_table[CPUS_MAX];
uint64_t cpus_online;

void machine_reset(unsigned count)
{
	memset(cpus, 0, sizeof(cpus));
	memset(pending, 0, sizeof(pending));
	memset(spin_waits, 0, sizeof(spin_waits));
	cpus_online = (1ull << count) - 1;
	for (unsigned id = 0; id < count; id++) {
		cpus[id].self = &cpus[id];
		cpus[id].id = id;
		cpus[id].apic_id = id;
		cpus[id].current = machine_thread(id);
		cpu_table[id] = &cpus[id];
		irq_on[id] = true;
	}
}

struct cpu *machine_cpu(void)
{
	return &cpus[engine_self()];
}

void irq_disable(void)
{
	irq_on[engine_self()] = false;
}

void irq_enable(void)
{
	irq_on[engine_self()] = true;
	engine_point(NULL, POINT_READ, "irq_enable");
}

bool irq_enabled(void)
{
	return irq_on[engine_self()];
}

/* Nothing comes between the two, as behind STI. */
void machine_wait_irq(void)
{
	irq_on[engine_self()] = true;
	engine_park();
}

void cpu_relax(void)
{
	engine_spin();
}

bool machine_irq_open(unsigned cpu)
{
	return irq_on[cpu];
}

void machine_irq_take(void)
{
	struct cpu *cpu = machine_cpu();

	irq_on[cpu->id] = false;
	cpu->irq_depth++;
	for (unsigned vector = 0; vector < 256; vector++) {
		if (!(pending[cpu->id][vector / 64] >> vector % 64 & 1))
			continue;
		pending[cpu->id][vector / 64] &= ~(1ull << vector % 64);
		handlers[vector](NULL);
	}
	cpu->irq_depth--;
	irq_on[cpu->id] = true;
}

void irq_register_vector(unsigned vector, irq_handler handler, void *arg)
{
	(void)arg;
	handlers[vector] = handler;
}

void lapic_send(uint32_t apic_id, unsigned vector)
{
	pending[apic_id][vector / 64] |= 1ull << vector % 64;
	engine_interrupt(apic_id);
}

uint64_t time_counter_fell(void)
{
	engine_fail("time goes back", __func__);
}

void assert_failed(const char *condition, const char *file, int line)
{
	(void)file;
	(void)line;
	engine_fail(condition, file);
}

void panic_assert(const char *condition, const char *first, const char *second)
{
	(void)second;
	engine_fail(condition, first);
}

void panic(const char *format, ...)
{
	engine_fail("panic", format);
}

/* Time stands still, so nobody loses patience. */
void cpus_silent(uint64_t silent, const char *what)
{
	(void)silent;
	engine_fail("a CPU is silent", what);
}
