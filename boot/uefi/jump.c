/* SPDX-License-Identifier: BSD-2-Clause */
#include "boot/uefi/jump.h"

#include "boot/uefi/handover.h"

enum {
	CPUID_FEATURES = 0x80000001,
};

bool jump_has_no_execute(void)
{
	uint32_t eax = CPUID_FEATURES, ebx, ecx, edx;

	__asm__ volatile("cpuid" : "+a"(eax), "=b"(ebx), "=c"(ecx), "=d"(edx));
	return edx >> 20 & 1;
}

bool jump_has_five_levels(void)
{
	uint64_t cr4;

	__asm__ volatile("mov %%cr4, %0" : "=r"(cr4));
	return cr4 >> 12 & 1;
}

/*
 * In assembly as a whole: between the switch and the jump there is neither stack nor data. CR0.WP
 * and EFER.NXE come first, so that the new tables' rights hold from their first use. Alignment
 * keeps the code in one page.
 */
__asm__(".section .text.jump, \"ax\", @progbits\n"
	"	.balign 128\n"
	"	.globl jump_to_kernel\n"
	"jump_to_kernel:\n"
	"	cli\n"
	"	cld\n"
	"	mov %rdi, %r8\n"
	"	mov %rdx, %r9\n"
	"	mov $0xc0000080, %ecx\n" /* EFER */
	"	rdmsr\n"
	"	or $0x800, %eax\n" /* NXE */
	"	wrmsr\n"
	"	mov %cr4, %rax\n"
	"	and $~0x20080, %rax\n" /* PCIDE and PGE: no old translation survives */
	"	mov %rax, %cr4\n"
	"	mov %cr0, %rax\n"
	"	or $0x10000, %rax\n" /* WP */
	"	mov %rax, %cr0\n"
	"	mov %r8, %cr3\n"
	"	mov $3, %edi\n" /* UEFI_DOOR; RSI is the handover already */
	"	xor %ebp, %ebp\n"
	"	jmp *%r9\n"
	".previous\n");

_Static_assert(UEFI_DOOR == 3, "the number in jump_to_kernel");
