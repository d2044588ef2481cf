/* SPDX-License-Identifier: BSD-2-Clause */
#pragma once
/* Which CPUs a MADT has us start. Pure. */
#include "drv/acpi/madt.h"

#define CPU_LIST_MAX 64u

struct cpu_list {
	uint32_t ids[CPU_LIST_MAX]; /* of local APICs, in the order of the table, none twice */
	uint32_t count;
	uint32_t unreachable; /* entries whose id no interrupt can be sent to */
	uint32_t too_many;    /* entries behind @max */
};

/**
 * List the CPUs that are enabled, but for the one that runs, @self.
 *
 * @reaches: whether an interrupt can be sent to that id alone.
 * @max: at most CPU_LIST_MAX.
 */
void cpu_list_read(struct madt madt, uint32_t self, bool (*reaches)(uint32_t apic_id), uint32_t max,
		   struct cpu_list *list);
