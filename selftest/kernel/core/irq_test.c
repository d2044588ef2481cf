/* SPDX-License-Identifier: BSD-2-Clause */
/* A line that asks on and on, for nobody, is masked; one whose handler finds its device is not. */
#include "kernel/core/irq.h"
#include "kernel/core/log.h"
#include "kernel/x86/apic.h"
#include "kernel/x86/cpu.h"
#include "kernel/x86/percpu.h"
#include "selftest/selftest.h"

#define LINE 10u /* no device of a PC that this kernel knows */

static uint32_t came;
static bool claims;

static bool note(void *arg)
{
	(void)arg;
	__atomic_store_n(&came, came + 1, __ATOMIC_RELEASE);
	return claims;
}

/* As if the line had asked: its vector, to this CPU. */
static void ask(unsigned times)
{
	unsigned vector = irq_vector_of_isa(LINE);

	for (unsigned i = 0; i < times; i++) {
		uint32_t before = READ_ONCE(came);

		lapic_send(cpu_self()->apic_id, vector);
		while (__atomic_load_n(&came, __ATOMIC_ACQUIRE) == before)
			cpu_relax();
	}
}

SELFTEST(M14, 12, a_storm_is_masked)
{
	CHECK(irq_register_isa(LINE, note, NULL) == OK);
	claims = false;
	ask(IRQ_UNCLAIMED_MAX - 1);
	CHECK(!irq_isa_is_masked(LINE));
	claims = true;
	ask(1);
	claims = false;
	ask(IRQ_UNCLAIMED_MAX - 1);
	CHECK(!irq_isa_is_masked(LINE));
	/* Its line in the log is P-M14-12's of ci/test_planted.py. */
	log_mute(true);
	ask(1);
	log_mute(false);
	CHECK(irq_isa_is_masked(LINE));
	irq_unregister_isa(LINE);
	CHECK(irq_vector_of_isa(LINE) == 0);
	return true;
}
