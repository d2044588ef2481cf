/* SPDX-License-Identifier: BSD-2-Clause */
#include "kernel/core/ksyms.h"

#include "kernel/x86/sections.h"

/* Made by boot/ksyms.py: offsets[count] from image_start, sorted; starts[count] into the names. */
struct ksyms_table {
	uint32_t count;
	uint32_t names_size;
	uint32_t words[];
};

static bool ksyms_in(uint64_t address, const char *start, const char *end)
{
	return address >= (uint64_t)start && address < (uint64_t)end;
}

/* Init text may be gone already; its names are still right for a stack that came from there. */
static bool ksyms_in_text(uint64_t address)
{
	return ksyms_in(address, text_start, text_end) ||
	       ksyms_in(address, init_text_start, init_text_end) ||
	       ksyms_in(address, entry_text_start, entry_text_end) ||
	       ksyms_in(address, usercopy_text_start, usercopy_text_end);
}

const char *ksyms_name(uint64_t address, uint64_t *offset)
{
	const struct ksyms_table *table = (const void *)ksyms_start;
	uint64_t wanted = address - (uint64_t)image_start;
	uint32_t low = 0;
	uint32_t high = table->count;

	if (!ksyms_in_text(address) || !table->count || wanted < table->words[0])
		return NULL;
	/* words[low] <= wanted < words[high] all the way */
	while (high - low > 1) {
		uint32_t middle = low + (high - low) / 2;

		if (table->words[middle] <= wanted)
			low = middle;
		else
			high = middle;
	}
	*offset = wanted - table->words[low];
	return (const char *)&table->words[2ul * table->count] + table->words[table->count + low];
}
