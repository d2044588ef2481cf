/* SPDX-License-Identifier: BSD-2-Clause */
/* Provoked exceptions arrive with exactly their vector, error code, address and RIP. */
#include "kernel/lib/string.h"

#include "kernel/x86/cpu.h"
#include "kernel/x86/desc.h"
#include "kernel/x86/percpu.h"
#include "kernel/x86/regs.h"
#include "selftest/expect.h"
#include "selftest/kernel/x86/provoke.h"
#include "selftest/selftest.h"

#define DR6_STEP 0x4000ull
/* GDT slot 4 is empty: selector 0x20. Data, DPL 0, not present. */
#define EMPTY_SLOT  4
#define NOT_PRESENT 0x00cf13000000ffffull

static bool raises(unsigned vector, uint64_t error, void (*fn)(void *), const char *rip, void *arg)
{
	struct fault wanted = {.vector = vector, .error = error, .rip = (uint64_t)rip};

	return expect_fault(&wanted, fn, arg);
}

SELFTEST(M2, 4, exceptions_without_code)
{
	CHECK(raises(TRAP_DE, 0, provoke_de, provoke_de_at, NULL));
	CHECK(raises(TRAP_BP, 0, provoke_bp, provoke_bp_at, NULL));
	CHECK(raises(TRAP_UD, 0, provoke_ud, provoke_ud_at, NULL));
	CHECK(raises(TRAP_NMI, 0, provoke_nmi, provoke_nmi_at, NULL));
	return true;
}

SELFTEST(M2, 4, single_step)
{
	struct fault got;

	CHECK(catch_fault(&got, provoke_db, NULL));
	CHECK(got.vector == TRAP_DB && got.error == 0);
	CHECK(got.rip == (uint64_t)provoke_db_at);
	CHECK(got.address & DR6_STEP);
	CHECK(!(read_rflags() & RFLAGS_TF));
	return true;
}

SELFTEST(M2, 4, device_not_available)
{
	enum err set = write_cr0(read_cr0() | CR0_TS);
	bool raised = raises(TRAP_NM, 0, provoke_nm, provoke_nm_at, NULL);
	enum err cleared = write_cr0(read_cr0() & ~CR0_TS);

	CHECK(set == OK && cleared == OK);
	CHECK(raised);
	CHECK(!(read_cr0() & CR0_TS));
	return true;
}

SELFTEST(M2, 4, protection_fault)
{
	CHECK(raises(TRAP_GP, 0, provoke_gp, provoke_gp_at, NULL));
	CHECK(raises(TRAP_GP, 0x1238, provoke_gp_selector, provoke_gp_selector_at, NULL));
	return true;
}

/* A descriptor that is not present: #SS when loaded into SS, #NP into DS, each with its selector.
 */
SELFTEST(M2, 4, segment_not_present)
{
	struct gdt *gdt = cpu_self()->gdt;
	void *selector = (void *)(EMPTY_SLOT * 8ull);
	bool ss, np;

	CHECK(gdt->entry[EMPTY_SLOT] == 0);
	gdt->entry[EMPTY_SLOT] = NOT_PRESENT;
	ss = raises(TRAP_SS, EMPTY_SLOT * 8, provoke_ss, provoke_ss_at, selector);
	np = raises(TRAP_NP, EMPTY_SLOT * 8, provoke_np, provoke_np_at, selector);
	gdt->entry[EMPTY_SLOT] = 0;
	CHECK(ss);
	CHECK(np);
	return true;
}

/* The last page of the address space is never mapped. */
SELFTEST(M2, 4, page_fault)
{
	uint64_t hole = 0xfffffffffffff123ull;

	CHECK(expect_read_fault(hole, 0));
	CHECK(expect_write_fault(hole, PF_WRITE));
	CHECK(expect_read_ok((uint64_t)&hole));
	return true;
}

SELFTEST(M2, 4, words_for_reports)
{
	char text[96];

	CHECK(!strcmp(trap_mnemonic(TRAP_PF), "#PF") && !strcmp(trap_name(TRAP_PF), "page fault"));
	CHECK(!strcmp(trap_name(9), "reserved exception"));
	trap_describe_error(TRAP_PF, PF_WRITE | PF_PRESENT, text, sizeof(text));
	CHECK(!strcmp(text, "write by the kernel: not allowed by the page's rights"));
	trap_describe_error(TRAP_PF, PF_FETCH | PF_USER, text, sizeof(text));
	CHECK(!strcmp(text, "instruction fetch by ring 3: no page there"));
	trap_describe_error(TRAP_GP, 0x2b, text, sizeof(text));
	CHECK(!strcmp(text, "selector 0x28 in the IDT, external"));
	return true;
}
