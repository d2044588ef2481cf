/* SPDX-License-Identifier: BSD-2-Clause */
/* /proc/interrupts: which CPU has had how many, of each line and of each kind between CPUs. */
#include "kernel/core/irq.h"
#include "kernel/x86/cpus.h"
#include "proc/procfs_internal.h"

static void print_counts(struct procfs_text *text, uint64_t cpus, unsigned vector)
{
	for_each_cpu(id, cpus) procfs_print(text, " %10lu", irq_count_of((unsigned)id, vector));
}

static void print_lines(struct procfs_text *text, uint64_t cpus)
{
	uint32_t line;

	for (unsigned vector = VECTOR_IRQ_FIRST; vector <= VECTOR_IRQ_LAST; vector++) {
		if (!irq_line_of(vector, &line))
			continue;
		procfs_print(text, "%3u:", line);
		print_counts(text, cpus, vector);
		procfs_print(text, "   IO-APIC\n");
	}
}

static void print_nmis(struct procfs_text *text, uint64_t cpus)
{
	procfs_print(text, "NMI:");
	for_each_cpu(id, cpus)
		procfs_print(text, " %10lu", READ_ONCE(cpu_at((unsigned)id)->nmi_count));
	procfs_print(text, "   Non-maskable interrupts\n");
}

enum err procfs_show_interrupts(struct procfs_text *text, const struct procfs_subject *subject)
{
	static const struct {
		unsigned vector;
		const char *name, *text;
	} local[] = {
		{VECTOR_TIMER, "LOC", "Local timer interrupts"},
		{VECTOR_SPURIOUS, "SPU", "Spurious interrupts"},
		{VECTOR_KICK, "RES", "Rescheduling interrupts"},
		{VECTOR_CALL, "CAL", "Function call interrupts"},
		{VECTOR_FLUSH, "TLB", "TLB shootdowns"},
		{VECTOR_EPOCH, "EPO", "Epoch questions"},
	};

	/* One may go meanwhile: its column stays. */
	const uint64_t cpus = READ_ONCE(cpus_online);

	(void)subject;
	procfs_print(text, "    ");
	for_each_cpu(id, cpus) procfs_print(text, "       CPU%lu", id);
	procfs_print(text, "\n");
	print_lines(text, cpus);
	print_nmis(text, cpus);
	for (size_t i = 0; i < ARRAY_SIZE(local); i++) {
		procfs_print(text, "%s:", local[i].name);
		print_counts(text, cpus, local[i].vector);
		procfs_print(text, "   %s\n", local[i].text);
	}
	return OK;
}
