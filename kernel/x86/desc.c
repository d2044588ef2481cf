/* SPDX-License-Identifier: BSD-2-Clause */
#include "kernel/x86/desc.h"

#include "kernel/lib/assert.h"
#include "kernel/lib/string.h"

#include "kernel/x86/cpu.h"
#include "kernel/x86/cpu_internal.h"
#include "kernel/x86/percpu.h"
#include "kernel/x86/pti.h"
#include "kernel/x86/trapframe.h"

__ro_after_init __aligned(4096) struct idt_gate idt[IDT_ENTRIES];
static_assert(sizeof(idt) == 4096, "a page of its own");

/* SDM vol 3, 3.4.5: P, DPL, S, type, L, G. Base and limit mean nothing in 64-bit mode. */
#define DESC_KERNEL_CODE 0x00af9b000000ffffull
#define DESC_KERNEL_DATA 0x00cf93000000ffffull
#define DESC_USER_DATA   0x00cff3000000ffffull
#define DESC_USER_CODE   0x00affb000000ffffull
#define DESC_TSS         0x0000890000000000ull

static const struct exception_row {
	uint8_t vector, ist, dpl;
} exception_table[] = {
#define GATE(vector, name, words, error, ist, dpl) {vector, ist, dpl},
#include "kernel/x86/gates.def"
#undef GATE
};

struct gate_spec idt_gate_spec(unsigned vector)
{
	struct gate_spec spec = {.handler = (uint64_t)(pti_on ? pti_trap_stubs : trap_stubs) +
					    16ull * vector};

	for (size_t i = 0; i < ARRAY_SIZE(exception_table); i++) {
		if (exception_table[i].vector == vector) {
			spec.ist = exception_table[i].ist;
			spec.dpl = exception_table[i].dpl;
		}
	}
	if (vector == TRAP_INT80)
		spec.dpl = 3;
	return spec;
}

void idt_init(void)
{
	for (unsigned vector = 0; vector < IDT_ENTRIES; vector++) {
		struct gate_spec spec = idt_gate_spec(vector);

		idt[vector] = (struct idt_gate){
			.offset_low = (uint16_t)spec.handler,
			.selector = KERNEL_CS,
			.ist = spec.ist,
			.type = (uint8_t)(GATE_IRQ_TYPE | spec.dpl << 5),
			.offset_middle = (uint16_t)(spec.handler >> 16),
			.offset_high = (uint32_t)(spec.handler >> 32),
		};
	}
}

static void gdt_fill(struct gdt *gdt, uint64_t tss)
{
	memset(gdt, 0, sizeof(*gdt));
	gdt->entry[KERNEL_CS / 8] = DESC_KERNEL_CODE;
	gdt->entry[KERNEL_SS / 8] = DESC_KERNEL_DATA;
	gdt->entry[USER_SS / 8] = DESC_USER_DATA;
	gdt->entry[USER_CS / 8] = DESC_USER_CODE;
	gdt->entry[TSS_SEL / 8] = DESC_TSS | (sizeof(struct tss) - 1) | (tss & 0xffffff) << 16 |
				  (tss >> 24 & 0xff) << 56;
	gdt->entry[TSS_SEL / 8 + 1] = tss >> 32;
}

void tss_set_ist(struct cpu *cpu, unsigned slot, void *top)
{
	uint64_t at = (uint64_t)top - 16;

	ASSERT(slot >= 1 && slot < IST_COUNT && !(at & 15));
	*(struct cpu **)(void *)at = cpu;
	cpu->tss->ist[slot - 1] = at;
}

uint64_t tss_stack_wanted(const struct cpu *cpu, uint64_t kernel_rsp)
{
	return pti_on ? (uint64_t)(cpu_entry_of(cpu) + 1) : kernel_rsp;
}

void tss_set_kernel_stack(struct cpu *cpu, uint64_t kernel_rsp)
{
	cpu->tss->rsp[0] = tss_stack_wanted(cpu, kernel_rsp);
}

/* Not inlined: a constant of this packed type would hold an unaligned pointer, which .relr cannot.
 */
static __noinline struct desc_ptr desc_ptr_of(const void *table, size_t size)
{
	return (struct desc_ptr){(uint16_t)(size - 1), (uint64_t)table};
}

void desc_load(struct cpu *cpu)
{
	struct desc_ptr gdtr = desc_ptr_of(cpu->gdt, sizeof(struct gdt));
	struct desc_ptr idtr = desc_ptr_of(idt, sizeof(idt));

	/* Behind the limit: no port is open to ring 3. */
	cpu->tss->iomap_base = sizeof(struct tss);
	tss_set_kernel_stack(cpu, cpu->kernel_rsp);
	gdt_fill(cpu->gdt, (uint64_t)cpu->tss);
	__asm__ volatile("lgdt %0" : : "m"(gdtr) : "memory");
	desc_reload_segments();
	__asm__ volatile("lldt %0" : : "r"((uint16_t)0));
	__asm__ volatile("ltr %0" : : "r"((uint16_t)TSS_SEL) : "memory");
	__asm__ volatile("lidt %0" : : "m"(idtr) : "memory");
}

struct desc_ptr gdt_loaded(void)
{
	struct desc_ptr ptr;

	__asm__ volatile("sgdt %0" : "=m"(ptr));
	return ptr;
}

struct desc_ptr idt_loaded(void)
{
	struct desc_ptr ptr;

	__asm__ volatile("sidt %0" : "=m"(ptr));
	return ptr;
}

uint16_t tr_loaded(void)
{
	uint16_t selector;

	__asm__ volatile("str %0" : "=r"(selector));
	return selector;
}
