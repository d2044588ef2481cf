/* SPDX-License-Identifier: BSD-2-Clause */
/* The other CPUs: as well protected as the first, and none keeps a translation that is gone. */
#include "kernel/core/cpu_call.h"
#include "kernel/x86/cpu_verify.h"
#include "kernel/x86/cpus.h"
#include "kernel/x86/desc.h"
#include "kernel/x86/tlb.h"
#include "mm/frame.h"
#include "mm/kstack.h"
#include "mm/table.h"
#include "selftest/expect.h"
#include "selftest/selftest.h"

#define RIGHTS (PTE_W | PTE_NX | PTE_G)

struct answer {
	const char *wrong;
	uint32_t id;
	uint64_t gdt, idt, rsp;
	uint64_t read;
	const volatile uint64_t *at;
};

static void look(void *arg)
{
	struct answer *answer = arg;

	answer->wrong = cpu_verify();
	answer->id = cpu_id();
	answer->gdt = gdt_loaded().base;
	answer->idt = idt_loaded().base;
	answer->rsp = (uint64_t)__builtin_frame_address(0);
}

static bool guarded(uint64_t bottom)
{
	return expect_read_fault(bottom - 1, 0) && expect_read_fault(bottom + KSTACK_SIZE, 0) &&
	       expect_read_ok(bottom) && expect_read_ok(bottom + KSTACK_SIZE - 1);
}

/* Each stack of @cpu has guards, and none is used for two things or by another CPU. */
static bool stacks_are_its_own(const struct cpu *cpu)
{
	uint64_t stacks[IST_COUNT + 1] = {cpu->irq_stack_top, cpu->kernel_rsp};

	for (unsigned slot = 1; slot < IST_COUNT; slot++) {
		uint64_t top = cpu->tss->ist[slot - 1] + 16;

		if (!guarded(top - KSTACK_SIZE) || *(struct cpu **)(top - 16) != cpu)
			return false;
		stacks[slot + 1] = top;
	}
	for (unsigned i = 0; i < ARRAY_SIZE(stacks); i++)
		for (unsigned other = 0; other < i; other++)
			if ((stacks[i] - 1) / KSTACK_STEP == (stacks[other] - 1) / KSTACK_STEP)
				return false;
	return guarded(cpu->irq_stack_top - KSTACK_SIZE) &&
	       guarded((cpu->kernel_rsp - 1) / KSTACK_STEP * KSTACK_STEP + KSTACK_GUARD) &&
	       guarded(((uint64_t)cpu->tss & ~(KSTACK_STEP - 1)) | KSTACK_GUARD);
}

SELFTEST(M14, 3, each_cpu_is_set_up_as_the_first, .skip = "no-smp")
{
	if (cpu_count() == 1)
		SELFTEST_SKIP();
	for_each_cpu(id, READ_ONCE(cpus_online))
	{
		const struct cpu *cpu = cpu_at((unsigned)id);
		struct answer answer = {.wrong = "no answer"};

		cpu_call(BIT(id), look, &answer);
		CHECK(answer.wrong == NULL && answer.id == id);
		CHECK(answer.gdt == (uint64_t)gdt_of((unsigned)id) && answer.idt == (uint64_t)idt);
		if (id == 0)
			continue;
		CHECK(stacks_are_its_own(cpu));
		CHECK(answer.rsp <= cpu->irq_stack_top &&
		      answer.rsp > cpu->irq_stack_top - KSTACK_SIZE);
	}
	return true;
}

static void read_there(void *arg)
{
	struct answer *answer = arg;

	answer->read = *answer->at;
}

/* What every other CPU reads at @at, if they agree; else 0. */
static uint64_t others_read(const volatile uint64_t *at)
{
	uint64_t agreed = 0;

	for_each_cpu(id, cpus_others())
	{
		struct answer answer = {.at = at};

		cpu_call(BIT(id), read_there, &answer);
		if (agreed && answer.read != agreed)
			return 0;
		agreed = answer.read;
	}
	return agreed;
}

static bool remap(uint64_t va, phys_addr_t page)
{
	table_unmap_kernel(va, PAGE_SIZE);
	return table_map_kernel(va, page, PAGE_SIZE, RIGHTS, false) == OK;
}

/* All others have read @va; then it is @next's page: do they see that? */
static bool seen_by_others(volatile uint64_t *va, struct frame *next)
{
	phys_addr_t usual;
	bool seen;

	if (table_kernel_phys((uint64_t)va, &usual) != OK)
		return false;
	*va = 0x1111;
	*(uint64_t *)frame_virt(next) = 0x2222;
	seen = others_read(va) == 0x1111 && remap((uint64_t)va, frame_phys(next)) &&
	       others_read(va) == 0x2222;
	return remap((uint64_t)va, usual) && seen && others_read(va) == 0x1111;
}

SELFTEST(M14, 1, no_cpu_keeps_a_kernel_translation, .skip = "no-smp")
{
	uint64_t sent = tlb_interrupt_count();
	bool seen = false;

	if (cpu_count() == 1)
		SELFTEST_SKIP();
	struct frame *next = frame_alloc(FRAME_KERNEL, FRAME_ZERO);
	void *stack = kstack_alloc();

	if (next && stack)
		seen = seen_by_others(stack, next);
	kstack_free(stack);
	if (next)
		frame_free(next);
	CHECK(seen);
	CHECK(tlb_interrupt_count() >= sent + 2 * (cpu_count() - 1));
	return true;
}
