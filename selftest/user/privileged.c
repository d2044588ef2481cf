/* SPDX-License-Identifier: BSD-2-Clause */
/* P-M4-21: privileged instructions fault in ring 3. */
#include "selftest/user/user.h"

#define TRY(name, text)                                                   \
	static void name(long arg)                                        \
	{                                                                 \
		(void)arg;                                                \
		__asm__ volatile(text ::: "rax", "rcx", "rdx", "memory"); \
	}

TRY(do_cli, "cli")
TRY(do_sti, "sti")
TRY(do_hlt, "hlt")
TRY(do_in, "mov $0x60, %%edx; in %%dx, %%al")
TRY(do_out_debugcon, "mov $0xe9, %%edx; mov $0x4b, %%al; out %%al, %%dx")
TRY(do_out_exit, "mov $0xf4, %%edx; mov $0x10, %%eax; out %%eax, %%dx")
TRY(do_lgdt, "sub $16, %%rsp; lgdt (%%rsp)")
TRY(do_lidt, "sub $16, %%rsp; lidt (%%rsp)")
TRY(do_lldt, "xor %%eax, %%eax; lldt %%ax")
TRY(do_ltr, "mov $0x40, %%eax; ltr %%ax")
TRY(do_read_cr0, "mov %%cr0, %%rax")
TRY(do_write_cr0, "xor %%eax, %%eax; mov %%rax, %%cr0")
TRY(do_read_cr3, "mov %%cr3, %%rax")
TRY(do_write_cr3, "xor %%eax, %%eax; mov %%rax, %%cr3")
TRY(do_write_cr4, "xor %%eax, %%eax; mov %%rax, %%cr4")
TRY(do_read_dr0, "mov %%dr0, %%rax")
TRY(do_write_dr7, "mov $0x400, %%eax; mov %%rax, %%dr7")
TRY(do_rdmsr, "mov $0xc0000080, %%ecx; rdmsr")
TRY(do_wrmsr, "mov $0xc0000082, %%ecx; xor %%eax, %%eax; xor %%edx, %%edx; wrmsr")
TRY(do_invlpg, "invlpg (%%rsp)")
TRY(do_swapgs, "swapgs")
TRY(do_sysret, "sysretq")
TRY(do_iret_ring0,
    "push $0x18; push %%rsp; pushf; push $0x10; lea 1f(%%rip), %%rax; push %%rax; iretq; 1:")
TRY(do_clts, "clts")
TRY(do_wbinvd, "wbinvd")
TRY(do_invd, "invd")
TRY(do_xsetbv, "xor %%ecx, %%ecx; mov $1, %%eax; xor %%edx, %%edx; xsetbv")
TRY(do_rdpmc, "xor %%ecx, %%ecx; rdpmc")
TRY(do_monitor, "mov %%rsp, %%rax; xor %%ecx, %%ecx; xor %%edx, %%edx; monitor")

static void (*const instructions[])(long) = {
	do_cli,      do_sti,       do_hlt,       do_in,       do_out_debugcon, do_out_exit,
	do_lgdt,     do_lidt,      do_lldt,      do_ltr,      do_read_cr0,     do_write_cr0,
	do_read_cr3, do_write_cr3, do_write_cr4, do_read_dr0, do_write_dr7,    do_rdmsr,
	do_wrmsr,    do_invlpg,    do_swapgs,    do_sysret,   do_iret_ring0,   do_clts,
	do_wbinvd,   do_invd,      do_rdpmc,
};

static int is_refused(int status)
{
	return killed_by(status) == SIGSEGV || killed_by(status) == SIGILL;
}

void test_main(const uint64_t *stack)
{
	(void)stack;
	for (size_t i = 0; i < sizeof(instructions) / sizeof(instructions[0]); i++)
		CHECK(is_refused(run_child(instructions[i], 0)));
	/* Absent on old CPUs, where they are undefined: refused either way. */
	CHECK(is_refused(run_child(do_xsetbv, 0)));
	CHECK(is_refused(run_child(do_monitor, 0)));
}
