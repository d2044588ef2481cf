/* SPDX-License-Identifier: BSD-2-Clause */
/* Tables that decide about entries cannot be written: by their address or through the physmap. */
#include "kernel/x86/desc.h"
#include "kernel/x86/percpu.h"
#include "kernel/x86/sections.h"
#include "kernel/x86/trap.h"
#include "mm/addr.h"
#include "mm/table.h"
#include "selftest/expect.h"
#include "selftest/selftest.h"

#define REFUSED (PF_PRESENT | PF_WRITE)

static bool sealed(const void *start, size_t size)
{
	uint64_t first = (uint64_t)start;
	uint64_t last = first + size - 1;
	phys_addr_t at;

	CHECK(table_kernel_phys(first & ~PAGE_MASK, &at) == OK);
	CHECK(expect_write_fault(first, REFUSED));
	CHECK(expect_write_fault(last, REFUSED));
	CHECK(expect_write_fault((uint64_t)phys_to_virt(at) + (first & PAGE_MASK), REFUSED));
	CHECK(expect_read_ok(first) && expect_read_ok(last));
	return true;
}

SELFTEST(M2, 6, entry_tables_read_only, .needs = M13)
{
	CHECK(sealed(idt, sizeof(idt)));
	CHECK(sealed(cpu_self()->gdt, sizeof(struct gdt)));
	CHECK(sealed(extable_start, (size_t)(extable_end - extable_start)));
	return true;
}
