/* SPDX-License-Identifier: BSD-2-Clause */
/* Exceptions in words, for the panic report. */
#include "kernel/lib/format.h"

#include "kernel/x86/trap.h"

static const struct {
	const char *mnemonic, *words;
} names[32] = {
#define GATE(vector, name, words, error, ist, dpl) [vector] = {"#" #name, words},
#include "kernel/x86/gates.def"
#undef GATE
};

const char *trap_name(unsigned vector)
{
	if (vector < 32)
		return names[vector].words ? names[vector].words : "reserved exception";
	return vector == TRAP_SYSCALL ? "system call" : "interrupt";
}

const char *trap_mnemonic(unsigned vector)
{
	if (vector < 32)
		return names[vector].mnemonic ? names[vector].mnemonic : "#??";
	return vector == TRAP_SYSCALL ? "SYSCALL" : "IRQ";
}

static void describe_page_fault(uint64_t error, char *to, size_t size)
{
	const char *who = error & PF_USER ? "ring 3" : "the kernel";
	const char *what = error & PF_FETCH   ? "instruction fetch"
			   : error & PF_WRITE ? "write"
					      : "read";
	const char *why = error & PF_RESERVED  ? "reserved bit in a page table"
			  : error & PF_KEY     ? "protection key"
			  : error & PF_PRESENT ? "not allowed by the page's rights"
					       : "no page there";

	format_text(to, size, "%s by %s: %s", what, who, why);
}

void trap_describe_error(unsigned vector, uint64_t error, char *to, size_t size)
{
	static const char *const tables[] = {"GDT", "IDT", "LDT", "IDT"};

	if (vector == TRAP_PF)
		describe_page_fault(error, to, size);
	else if (vector >= TRAP_TS && vector <= TRAP_GP && error)
		format_text(to, size, "selector 0x%x in the %s%s", (unsigned)(error & 0xfff8),
			    tables[error >> 1 & 3], error & 1 ? ", external" : "");
	else
		format_text(to, size, "error code 0x%llx", (unsigned long long)error);
}
