/* SPDX-License-Identifier: BSD-2-Clause */
#include "drv/acpi/cpu_list.h"

static bool is_listed(const struct cpu_list *list, uint32_t id)
{
	for (uint32_t i = 0; i < list->count; i++)
		if (list->ids[i] == id)
			return true;
	return false;
}

void cpu_list_read(struct madt madt, uint32_t self, bool (*reaches)(uint32_t apic_id), uint32_t max,
		   struct cpu_list *list)
{
	struct madt_entry entry;

	*list = (struct cpu_list){};
	while (madt_next(&madt, &entry)) {
		/* A CPU that is not enabled may come later, by a notice that nobody here reads. */
		if ((entry.kind != MADT_LAPIC && entry.kind != MADT_X2APIC) || !entry.enabled)
			continue;
		if (entry.apic_id == self || is_listed(list, entry.apic_id))
			continue;
		if (!reaches(entry.apic_id))
			list->unreachable++;
		else if (list->count == max)
			list->too_many++;
		else
			list->ids[list->count++] = entry.apic_id;
	}
}
