/* SPDX-License-Identifier: BSD-2-Clause */
#include "kernel/x86/extable.h"

#include "kernel/x86/sections.h"

static uint64_t fault_address(const struct extable_entry *entry)
{
	return (uint64_t)&entry->fault + (uint64_t)(int64_t)entry->fault;
}

static uint64_t fixup_address(const struct extable_entry *entry)
{
	return (uint64_t)&entry->fixup + (uint64_t)(int64_t)entry->fixup;
}

uint64_t extable_search(const struct extable_entry *table, size_t count, uint64_t rip)
{
	size_t low = 0;
	size_t high = count;

	while (low < high) {
		size_t middle = low + (high - low) / 2;
		uint64_t at = fault_address(&table[middle]);

		if (at == rip)
			return fixup_address(&table[middle]);
		if (at < rip)
			low = middle + 1;
		else
			high = middle;
	}
	return 0;
}

/* As linked: boot/kernel.ld. */
static const struct extable_entry *table_start(void)
{
	return (const struct extable_entry *)(const void *)extable_start;
}

static const struct extable_entry *table_end(void)
{
	return (const struct extable_entry *)(const void *)extable_end;
}

uint64_t extable_find(uint64_t rip)
{
	return extable_search(table_start(), (size_t)(table_end() - table_start()), rip);
}

static bool in_usercopy(uint64_t address)
{
	return address >= (uint64_t)usercopy_text_start && address < (uint64_t)usercopy_text_end;
}

bool extable_valid(void)
{
	uint64_t last = 0;

	for (const struct extable_entry *e = table_start(); e < table_end(); e++) {
		uint64_t at = fault_address(e);

		if (at <= last || !in_usercopy(at) || !in_usercopy(fixup_address(e)))
			return false;
		last = at;
	}
	return last != 0;
}
