/* SPDX-License-Identifier: BSD-2-Clause */
#pragma once
/*
 * How the local APIC is spoken to: by registers in memory, or by MSRs (x2APIC), which is faster and
 * knows ids above 254. Decided once, for all CPUs: SDM vol 3, 10.12. Pure: tried on the host, since
 * QEMU's TCG has no x2APIC.
 */
#include "kernel/lib/types.h"

/* IA32_APIC_BASE. */
#define APIC_BASE_ENABLE 0x800u
#define APIC_BASE_X2     0x400u

enum apic_mode { APIC_MODE_NONE, APIC_MODE_MEMORY, APIC_MODE_MSR };

struct apic_facts {
	bool has_x2apic; /* CPUID leaf 1, ECX bit 21 */
	bool has_memory; /* the registers could be mapped */
	uint64_t base;   /* IA32_APIC_BASE as the firmware left it */
};

/** The mode for all CPUs. */
enum apic_mode apic_mode_choose(const struct apic_facts *facts);

#define APIC_STEPS_MAX 3u
/**
 * What IA32_APIC_BASE must be set to, one after the other, to get from @base into @mode: not every
 * two states have a way without #GP (SDM vol 3, 10.12.5). Return: how many of @steps.
 */
unsigned apic_mode_steps(uint64_t base, enum apic_mode mode, uint64_t steps[APIC_STEPS_MAX]);

/** Whether one CPU alone can be named by @apic_id: the highest id means all of them. */
bool apic_mode_reaches(enum apic_mode mode, uint32_t apic_id);
