/* SPDX-License-Identifier: BSD-2-Clause */
#pragma once
/*
 * The head of each CPU's data. GS holds its address from entry to exit of the kernel. The first
 * six fields' offsets are pinned: NASM code and the compiler's canary flag (40) know them.
 */
#include "kernel/lib/compiler.h"
#include "kernel/lib/types.h"

#include "kernel/x86/desc.h"

struct thread;
struct root;

struct cpu {
	struct cpu *self;
	struct thread *current;
	uint64_t kernel_rsp; /* top of the current thread's kernel stack */
	uint64_t user_rsp;   /* scratch of the system-call entry */
	uint32_t id;         /* 0, 1, 2 … */
	uint32_t apic_id;
	uint64_t canary; /* the current thread's */

	uint64_t irq_stack_top;
	struct tss *tss;
	struct gdt *gdt;
	struct root *root; /* what CR3 holds; one reference belongs to this field */
	uint32_t irq_depth;
	uint32_t nofault_depth; /* mm/usercopy: > 0 inside *_nofault */
	uint32_t epoch_depth;   /* kernel/core/epoch: open read sections */
	uint32_t epoch_work;  /* kernel/core/epoch: the end of the outermost has something to do */
	uint64_t held_locks;  /* kernel/core/spinlock: ranks held on this CPU */
	uint64_t fixup_count; /* faults that ended in the exception table */
	uint64_t fetch_count; /* mm/usercopy: structures and values read from user memory */
	uint64_t nmi_count;
	uint64_t stopped_at;    /* where a panic elsewhere found it; 0: it runs */
	uint64_t stopped_frame; /* its RBP then, if that lay on its stack; else 0 */

	/* What higher floors keep per CPU; each pointer belongs to the floor that sets it. */
	struct runq *runq;
	struct timer_queue *timers;
	struct frame_cache *frames;
	struct slab_cpu *slabs;
	uint64_t tsc_add;  /* kernel/core/time: how far this CPU's counter was set back */
	uint64_t tsc_seen; /* kernel/core/time: its last reading, that included */
	void *spare[1];

	/* kernel/core/lglock: the class of what this CPU holds locally. In a line of its own: others
	 * read it. */
	uint64_t local_lock __aligned(64);
};
static_assert(offsetof(struct cpu, self) == 0, "NASM and gs:0");
static_assert(offsetof(struct cpu, current) == 8, "NASM");
static_assert(offsetof(struct cpu, kernel_rsp) == 16, "NASM");
static_assert(offsetof(struct cpu, user_rsp) == 24, "NASM");
static_assert(offsetof(struct cpu, id) == 32, "NASM");
static_assert(offsetof(struct cpu, canary) == 40, "-mstack-protector-guard-offset=40");

/* A CPU's head and, in the next page, what its entries use before they have the kernel's tables. */
struct cpu_home {
	__aligned(4096) struct cpu cpu;
	__aligned(4096) struct cpu_entry entry;
};
static_assert(offsetof(struct cpu_home, entry) == 4096, "NASM: the page behind gs:0");

/* CPU 0's; the boot entry loads GS with its address before the first C code. */
extern struct cpu_home percpu_boot;

static inline struct cpu_entry *cpu_entry_of(const struct cpu *cpu)
{
	return &((struct cpu_home *)(uint64_t)cpu)->entry;
}

static __always_inline struct cpu *cpu_self(void)
{
	struct cpu *cpu;

	__asm__ volatile("movq %%gs:0, %0" : "=r"(cpu));
	return cpu;
}

/* One load; the current thread cannot change under the code that it runs. */
static __always_inline struct thread *thread_current(void)
{
	struct thread *thread;

	__asm__ volatile("movq %%gs:8, %0" : "=r"(thread));
	return thread;
}

static __always_inline uint32_t cpu_id(void)
{
	return cpu_self()->id;
}
