/* SPDX-License-Identifier: BSD-2-Clause */
/* A panic's report tells where the other CPUs were; one that answers no more is a panic. */
#include "kernel/core/ksyms.h"
#include "kernel/core/panic.h"
#include "kernel/core/panic_internal.h"
#include "kernel/x86/cpus.h"
#include "kernel/x86/cpus_hooks.h"
#include "kernel/x86/patience.h"

/* An NMI comes within microseconds; this is a second or so. */
#define STOP_LOOKS 1000000u

static uint64_t place_of(const struct cpu *cpu)
{
	for (unsigned i = 0; i < STOP_LOOKS && !READ_ONCE(cpu->stopped_at); i++)
		cpu_relax();
	return READ_ONCE(cpu->stopped_at);
}

static void print_cpu(const struct cpu *cpu)
{
	uint64_t place = place_of(cpu), offset = 0;
	const char *name = ksyms_name(place, &offset);

	if (!place)
		panic_print("  CPU %u takes no NMI\n", cpu->id);
	else
		panic_print("  CPU %u at [%016lx] %s+0x%lx, locks %lx, irq depth %u\n", cpu->id,
			    place, name ? name : "outside the kernel", offset, cpu->held_locks,
			    cpu->irq_depth);
	if (place && cpu->held_locks)
		panic_print_trace(0, cpu->stopped_frame);
}

static void print_others(void)
{
	for_each_cpu(id, cpus_others()) print_cpu(cpu_at((unsigned)id));
}

static struct panic_section others = {.title = "other CPUs", .print = print_others};

void panic_cpus_init(void)
{
	panic_register(&others);
}

void cpus_silent(uint64_t silent, const char *what)
{
	panic("CPU %d has not answered CPU %u's %s for %u s", __builtin_ctzll(silent), cpu_id(),
	      what, PATIENCE_MS / 1000);
}
