/* SPDX-License-Identifier: BSD-2-Clause */
#include "kernel/x86/cpus.h"

#include "kernel/x86/apic.h"
#include "kernel/x86/patience.h"

struct cpu *cpu_table[CPUS_MAX] = {&percpu_boot.cpu};
uint64_t cpus_online = 1;
static uint32_t stopping;

unsigned cpu_count(void)
{
	unsigned count = 0;

	for (uint64_t left = READ_ONCE(cpus_online); left; left &= left - 1)
		count++;
	return count;
}

void cpus_stop_others(void)
{
	WRITE_ONCE(stopping, 1);
	for_each_cpu(id, cpus_others()) lapic_send_nmi(cpu_at((unsigned)id)->apic_id);
}

bool cpus_stopping(void)
{
	return READ_ONCE(stopping);
}
