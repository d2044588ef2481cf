/* SPDX-License-Identifier: BSD-2-Clause */
#include "mm/cpu_memory.h"

#include "kernel/lib/string.h"

#include "kernel/sched/sched.h"
#include "kernel/x86/desc.h"
#include "kernel/x86/percpu.h"
#include "kernel/x86/x86.h"
#include "mm/frame_init.h"
#include "mm/kstack.h"
#include "mm/pti_map.h"

#define STACKS 6u

/* Lies where a stack could: four pages with a guard on both sides. */
struct cpu_memory {
	__aligned(4096) struct {
		struct cpu cpu;
		void *stacks[STACKS]; /* #DF, NMI, #MC, #DB, interrupts, idle thread */
	};
	__aligned(4096) struct cpu_entry entry;
	__aligned(4096) char sched[SCHED_CPU_BYTES];
};
static_assert(offsetof(struct cpu_memory, entry) == PAGE_SIZE &&
		      sizeof(struct cpu_memory) <= KSTACK_SIZE,
	      "a page each");

static struct cpu_memory *memory_of(struct cpu *cpu)
{
	return container_of(cpu, struct cpu_memory, cpu);
}

static char *top(void *stack)
{
	return (char *)stack + KSTACK_SIZE;
}

static bool alloc_stacks(struct cpu_memory *memory)
{
	for (unsigned i = 0; i < STACKS; i++) {
		memory->stacks[i] = kstack_alloc();
		if (!memory->stacks[i])
			return false;
	}
	return true;
}

static void fill(struct cpu_memory *memory, uint32_t apic_id)
{
	struct cpu *cpu = &memory->cpu;
	const struct cpu_stacks stacks = {
		.df = top(memory->stacks[0]),
		.nmi = top(memory->stacks[1]),
		.mc = top(memory->stacks[2]),
		.db = top(memory->stacks[3]),
		.irq = top(memory->stacks[4]),
		.tss = &memory->entry.tss,
	};

	cpu->self = cpu;
	cpu->apic_id = apic_id;
	cpu->kernel_rsp = (uint64_t)top(memory->stacks[5]);
	x86_set_stacks(cpu, &stacks);
}

void cpu_memory_number(struct cpu *cpu, unsigned id)
{
	struct cpu_memory *memory = memory_of(cpu);

	cpu->id = id;
	cpu->gdt = gdt_of(id);
	frame_cpu_init(cpu);
	sched_init_cpu(cpu, memory->sched, memory->stacks[5], top(memory->stacks[5]));
}

static void give_back(struct cpu_memory *memory)
{
	for (unsigned i = 0; i < STACKS; i++)
		kstack_free(memory->stacks[i]);
	kstack_free(memory);
}

struct cpu *cpu_memory_create(uint32_t apic_id)
{
	struct cpu_memory *memory = kstack_alloc();

	if (!memory)
		return NULL;
	memset(memory, 0, sizeof(*memory));
	if (!alloc_stacks(memory)) {
		give_back(memory);
		return NULL;
	}
	fill(memory, apic_id);
	pti_map_cpu(&memory->cpu);
	return &memory->cpu;
}
