/* SPDX-License-Identifier: BSD-2-Clause */
#pragma once
/* GDT, TSS and IDT: SDM vol 3, 3.4.5, 6.14, 7.7. Selectors stand in trapframe.h. */
#include "kernel/lib/compiler.h"
#include "kernel/lib/types.h"

struct cpu;

/* Interrupt stack table slots; 0 means "stay on the thread's stack". */
enum ist {
	IST_NONE = 0,
	IST_DF = 1,
	IST_NMI = 2,
	IST_MC = 3,
	IST_DB = 4,
	IST_COUNT = 5,
};

struct tss {
	uint32_t reserved0;
	uint64_t rsp[3];
	uint64_t reserved1;
	uint64_t ist[7]; /* ist[n - 1] for slot n */
	uint64_t reserved2;
	uint16_t reserved3;
	uint16_t iomap_base;
} __packed;
static_assert(sizeof(struct tss) == 104, "SDM vol 3, figure 7-11");

/*
 * The page above each CPU's struct cpu, which is there on both sides of page-table isolation: the
 * scratch word of its entries, and the stack that ring 3's interrupts come in on. Further CPUs
 * have their TSS in it.
 */
struct cpu_entry {
	struct tss tss;
	uint64_t user_rsp;
	uint8_t stack[4096 - sizeof(struct tss) - 8];
};
static_assert(sizeof(struct cpu_entry) == 4096 && offsetof(struct cpu_entry, user_rsp) % 8 == 0,
	      "a page of its own");

#define GDT_ENTRIES 9 /* null, empty, kernel code and data, empty, user data and code, TSS (2) */
struct gdt {
	uint64_t entry[GDT_ENTRIES];
};

struct idt_gate {
	uint16_t offset_low;
	uint16_t selector;
	uint8_t ist;
	uint8_t type; /* P, DPL, type */
	uint16_t offset_middle;
	uint32_t offset_high;
	uint32_t reserved;
} __packed;
static_assert(sizeof(struct idt_gate) == 16, "SDM vol 3, figure 6-8");

#define IDT_ENTRIES   256
#define GATE_IRQ_TYPE 0x8e /* present, DPL 0, 64-bit interrupt gate */

struct desc_ptr {
	uint16_t limit;
	uint64_t base;
} __packed;

/* The one IDT of all CPUs; its page is read-only after boot. */
extern struct idt_gate idt[IDT_ENTRIES];

/* What the one table says about a vector. */
struct gate_spec {
	uint64_t handler;
	uint8_t ist;
	uint8_t dpl;
};
struct gate_spec idt_gate_spec(unsigned vector);
/* Where the gate as written leads. */
static inline uint64_t idt_gate_handler(const struct idt_gate *gate)
{
	return (uint64_t)gate->offset_high << 32 | (uint32_t)gate->offset_middle << 16 |
	       gate->offset_low;
}

/* A CPU's GDT. They share GDT_PAGES read-only pages, which are writable while a CPU starts. */
struct gdt *gdt_of(unsigned id);
#define GDT_PAGES 2

/* Writes all 256 gates. Context: boot, once. */
void idt_init(void);
/* Fills a CPU's GDT and TSS and loads GDTR, IDTR, TR and the selectors; GS base stays. */
void desc_load(struct cpu *cpu);
/* Where the CPU puts what interrupts ring 3: the running thread's stack, @kernel_rsp, or under
 * page-table isolation the entry page, whatever thread runs. */
void tss_set_kernel_stack(struct cpu *cpu, uint64_t kernel_rsp);
uint64_t tss_stack_wanted(const struct cpu *cpu, uint64_t kernel_rsp);
/* The bases the CPU has loaded. */
struct desc_ptr gdt_loaded(void);
struct desc_ptr idt_loaded(void);
uint16_t tr_loaded(void);
