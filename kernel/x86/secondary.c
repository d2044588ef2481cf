/* SPDX-License-Identifier: BSD-2-Clause */
#include "kernel/x86/secondary.h"

#include "kernel/lib/compiler.h"
#include "kernel/lib/string.h"

#include "kernel/x86/cpu_internal.h"
#include "kernel/x86/percpu.h"
#include "kernel/x86/x86.h"

/* secondary_entry.asm. */
extern const char trampoline[], trampoline_end[], trampoline_long[], trampoline_words[];

struct trampoline_words {
	uint64_t gdt[3];
	uint64_t entry;
	uint16_t gdt_limit;
	uint32_t gdt_base;
	uint16_t unused0;
	uint32_t far_offset;
	uint16_t far_selector;
	uint16_t unused1;
	uint32_t tables;
} __packed;

struct secondary_start secondary_start;

size_t trampoline_size(void)
{
	return (size_t)(trampoline_end - trampoline);
}

void trampoline_write(void *page, uint32_t phys, uint32_t tables)
{
	size_t words_at = (size_t)(trampoline_words - trampoline);
	struct trampoline_words words;

	memcpy(page, trampoline, trampoline_size());
	memcpy(&words, trampoline_words, sizeof(words));
	words.entry = (uint64_t)secondary_entry;
	words.gdt_base = phys + (uint32_t)words_at;
	words.far_offset = phys + (uint32_t)(trampoline_long - trampoline);
	words.tables = tables;
	memcpy((char *)page + words_at, &words, sizeof(words));
}

/* On the new CPU's own stack, GS set. */
void secondary_main(void)
{
	x86_start_cpu();
	secondary_start.enter(cpu_self());
}
