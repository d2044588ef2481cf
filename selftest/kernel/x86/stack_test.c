/* SPDX-License-Identifier: BSD-2-Clause */
/* Guards around the CPU's stacks, and what happens to a thread that runs into one. */
#include "kernel/lib/string.h"

#include "kernel/x86/cpu.h"
#include "kernel/x86/desc.h"
#include "kernel/x86/percpu.h"
#include "kernel/x86/pte.h"
#include "mm/kstack.h"
#include "selftest/expect.h"
#include "selftest/kernel/x86/provoke.h"
#include "selftest/selftest.h"

/* Both neighbours absent, both ends usable. */
static bool guarded(uint64_t bottom)
{
	uint64_t top = bottom + KSTACK_SIZE;

	return expect_read_fault(bottom - 1, 0) && expect_write_fault(bottom - 1, PF_WRITE) &&
	       expect_read_fault(bottom - PAGE_SIZE, 0) && expect_read_fault(top, 0) &&
	       expect_write_fault(top, PF_WRITE) && expect_read_fault(top + PAGE_SIZE - 1, 0) &&
	       expect_read_ok(bottom) && expect_read_ok(top - 1);
}

SELFTEST(M2, 1, interrupt_stacks_guarded)
{
	const struct cpu *cpu = cpu_self();

	/* The last 16 bytes hold the CPU's head. */
	for (unsigned slot = 1; slot < IST_COUNT; slot++)
		CHECK(guarded(cpu->tss->ist[slot - 1] + 16 - KSTACK_SIZE));
	CHECK(guarded(cpu->irq_stack_top - KSTACK_SIZE));
	return true;
}

SELFTEST(M2, 1, task_state_segment_guarded)
{
	uint64_t tss = (uint64_t)cpu_self()->tss;

	CHECK(!(tss & PAGE_MASK));
	CHECK(guarded(tss));
	return true;
}

SELFTEST(M2, 1, thread_stacks_guarded)
{
	void *stacks[4];
	bool ok = true;

	for (unsigned i = 0; i < 4; i++)
		stacks[i] = kstack_alloc();
	for (unsigned i = 0; i < 4; i++)
		ok = ok && stacks[i] && guarded((uint64_t)stacks[i]);
	for (unsigned i = 0; i < 4; i++)
		kstack_free(stacks[i]);
	CHECK(ok);
	return true;
}

static bool on_stack(uint64_t address, uint64_t ist_top)
{
	return address < ist_top + 16 && address >= ist_top + 16 - KSTACK_SIZE;
}

SELFTEST(M2, 2, overflow_is_reported_on_its_own_stack)
{
	void *stack = kstack_alloc();
	struct fault wanted;

	CHECK(stack);
	wanted = (struct fault){TRAP_DF, 0, (uint64_t)stack - 8, (uint64_t)provoke_df_at};
	bool reported = expect_fault(&wanted, provoke_df, stack);
	uint64_t frame = (uint64_t)expect_last_frame();

	kstack_free(stack);
	CHECK(reported);
	CHECK(on_stack(frame, cpu_self()->tss->ist[IST_DF - 1]));
	return true;
}

SELFTEST(M2, 2, nmi_and_debug_use_their_stacks)
{
	struct fault got;

	CHECK(catch_fault(&got, provoke_nmi, NULL) && got.vector == TRAP_NMI);
	CHECK(on_stack((uint64_t)expect_last_frame(), cpu_self()->tss->ist[IST_NMI - 1]));
	CHECK(catch_fault(&got, provoke_db, NULL) && got.vector == TRAP_DB);
	CHECK(on_stack((uint64_t)expect_last_frame(), cpu_self()->tss->ist[IST_DB - 1]));
	/* #UD has none: it stays on the stack that raised it. */
	CHECK(catch_fault(&got, provoke_ud, NULL) && got.vector == TRAP_UD);
	CHECK((uint64_t)expect_last_frame() - (uint64_t)&got + KSTACK_SIZE < 2 * KSTACK_SIZE);
	return true;
}
