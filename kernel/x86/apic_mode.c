/* SPDX-License-Identifier: BSD-2-Clause */
#include "kernel/x86/apic_mode.h"

enum apic_mode apic_mode_choose(const struct apic_facts *facts)
{
	/* Firmware that has left it on may have locked it: there is no way back, whatever CPUID
	 * says. */
	if (facts->has_x2apic || facts->base & APIC_BASE_X2)
		return APIC_MODE_MSR;
	return facts->has_memory ? APIC_MODE_MEMORY : APIC_MODE_NONE;
}

unsigned apic_mode_steps(uint64_t base, enum apic_mode mode, uint64_t steps[APIC_STEPS_MAX])
{
	uint64_t rest = base & ~(uint64_t)(APIC_BASE_ENABLE | APIC_BASE_X2);
	bool is_on = base & APIC_BASE_ENABLE, is_x2 = base & APIC_BASE_X2;
	unsigned count = 0;

	if (mode == APIC_MODE_NONE || (is_on && is_x2 == (mode == APIC_MODE_MSR)))
		return 0;
	if (is_x2)
		steps[count++] = rest;
	if (!is_on || is_x2)
		steps[count++] = rest | APIC_BASE_ENABLE;
	if (mode == APIC_MODE_MSR)
		steps[count++] = rest | APIC_BASE_ENABLE | APIC_BASE_X2;
	return count;
}

bool apic_mode_reaches(enum apic_mode mode, uint32_t apic_id)
{
	switch (mode) {
	case APIC_MODE_MEMORY:
		return apic_id < 0xff;
	case APIC_MODE_MSR:
		return apic_id != 0xffffffff;
	case APIC_MODE_NONE:
		break;
	}
	return false;
}
