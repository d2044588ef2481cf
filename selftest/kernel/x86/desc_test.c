/* SPDX-License-Identifier: BSD-2-Clause */
/* Gates, IST stacks and the exception table, read before anything is provoked. */
#include "kernel/x86/cpu_internal.h"
#include "kernel/x86/desc.h"
#include "kernel/x86/extable.h"
#include "kernel/x86/percpu.h"
#include "kernel/x86/pti.h"
#include "kernel/x86/sections.h"
#include "kernel/x86/trap.h"
#include "kernel/x86/usercopy_raw.h"
#include "selftest/expect.h"
#include "selftest/selftest.h"

/* What the table must say, apart from the table: DPL 3 for three vectors, IST for four. */
static unsigned wanted_dpl(unsigned vector)
{
	return vector == TRAP_BP || vector == TRAP_OF || vector == TRAP_INT80 ? 3 : 0;
}

static unsigned wanted_ist(unsigned vector)
{
	switch (vector) {
	case TRAP_DF:
		return IST_DF;
	case TRAP_NMI:
		return IST_NMI;
	case TRAP_MC:
		return IST_MC;
	case TRAP_DB:
		return IST_DB;
	default:
		return IST_NONE;
	}
}

/* 8, 10 to 14, 17, 21, 29 and 30: SDM vol 3, table 6-1; AMD APM vol 2, 8.2. */
#define ERROR_CODES 0x60227d00u

static const char *stubs(void)
{
	return pti_on ? pti_trap_stubs : trap_stubs;
}

/* The stub of a vector without one pushes a zero in its place, then the vector. */
static bool stub_has_code(unsigned vector)
{
	const char *stub = stubs() + 16 * vector;
	bool zero_first = stub[0] == 0x6a && stub[1] == 0;

	return !zero_first || (vector == 0 && stub[2] != 0x6a);
}

static bool in_entry_text(uint64_t address)
{
	return address >= (uint64_t)entry_text_start && address < (uint64_t)entry_text_end;
}

SELFTEST(M2, 3, gates_as_in_table)
{
	const struct idt_gate *loaded = (const struct idt_gate *)idt_loaded().base;

	CHECK(loaded == idt && idt_loaded().limit == sizeof(idt) - 1);
	for (unsigned vector = 0; vector < IDT_ENTRIES; vector++) {
		const struct idt_gate *gate = &loaded[vector];
		struct gate_spec spec = idt_gate_spec(vector);

		CHECK(gate->type == (0x8e | wanted_dpl(vector) << 5));
		CHECK(gate->ist == wanted_ist(vector) && gate->ist == spec.ist);
		CHECK(gate->selector == KERNEL_CS && gate->reserved == 0);
		CHECK(idt_gate_handler(gate) == spec.handler && in_entry_text(spec.handler));
		CHECK(spec.handler == (uint64_t)stubs() + 16ull * vector);
		CHECK(stub_has_code(vector) == (vector < 32 && ERROR_CODES >> vector & 1));
	}
	return true;
}

SELFTEST(M2, 2, distinct_ist_stacks)
{
	const struct cpu *cpu = cpu_self();

	for (unsigned slot = 1; slot < IST_COUNT; slot++) {
		uint64_t top = cpu->tss->ist[slot - 1];

		CHECK(top != 0 && !(top & 15));
		CHECK(*(struct cpu *const *)top == cpu);
		for (unsigned other = 1; other < slot; other++) {
			uint64_t distance = top - cpu->tss->ist[other - 1];

			CHECK(distance >= 4096 && -distance >= 4096);
		}
	}
	for (unsigned vector = 0; vector < IDT_ENTRIES; vector++)
		CHECK(idt[vector].ist == wanted_ist(vector));
	CHECK(cpu->tss->ist[4] == 0 && cpu->tss->ist[5] == 0 && cpu->tss->ist[6] == 0);
	return true;
}

SELFTEST(M2, 7, extable_sorted_in_usercopy)
{
	CHECK(extable_valid());
	return true;
}

SELFTEST(M2, 7, fixup_at_exact_rip_only)
{
	static struct extable_entry table[3];
	uint64_t base = (uint64_t)table;

	for (unsigned i = 0; i < 3; i++) {
		/* Faults at base + 0x1000, 0x1010 and 0x1020; fixups 0x1000 above them. */
		uint64_t fault = base + 0x1000 + 0x10 * i;

		table[i].fault = (int32_t)(fault - (uint64_t)&table[i].fault);
		table[i].fixup = (int32_t)(fault + 0x1000 - (uint64_t)&table[i].fixup);
	}
	for (uint64_t rip = base + 0xff0; rip < base + 0x1030; rip++) {
		bool exact = rip >= base + 0x1000 && !((rip - base) & 0xf);

		CHECK(extable_search(table, 3, rip) == (exact ? rip + 0x1000 : 0));
	}
	CHECK(extable_search(table, 0, base + 0x1000) == 0);
	return true;
}

static int hole_result;

static void copy_from_hole(void *arg)
{
	uint32_t to;

	hole_result = usercopy_get_u32(&to, arg);
}

/* A plain access to the same hole reaches the panic hook, which the expectation stands before. */
SELFTEST(M2, 7, kernel_fault_elsewhere_is_not_fixed_up)
{
	struct fault got;
	uint64_t before = trap_fixup_count();

	CHECK(expect_read_fault(0xfffffffffffff123ull, 0));
	CHECK(trap_fixup_count() == before);
	CHECK(catch_fault(&got, copy_from_hole, (void *)0xfffffffffffff123ull));
	CHECK(extable_find(got.rip) != 0 && extable_find(got.rip + 1) == 0);
	CHECK(extable_find(got.rip - 1) == 0);
	/* With nobody expecting it, the copy ends in its fixup. */
	copy_from_hole((void *)0xfffffffffffff123ull);
	CHECK(hole_result == -14);
	CHECK(trap_fixup_count() == before + 1);
	copy_from_hole(&before);
	CHECK(hole_result == 0 && trap_fixup_count() == before + 1);
	return true;
}
