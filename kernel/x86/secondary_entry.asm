; SPDX-License-Identifier: BSD-2-Clause
;
; How a further CPU gets from real mode to C. The first part is data here: it is copied to a page
; below 1 MiB, where a STARTUP interrupt makes the CPU begin at its first byte (SDM vol 3, 8.4).
; It leaves real mode for 64-bit mode at once, on tables that map that page 1:1 and the kernel half.

%include "offsets.inc"

default rel

CR4_PAE			equ 0x20
CR0_PG_WP_PE		equ 0x80010001
MSR_EFER		equ 0xc0000080
EFER_LME_NXE		equ 0x900

section .rodata.trampoline progbits alloc noexec nowrite align=16

%define AT(label) (label - trampoline)

global trampoline, trampoline_end, trampoline_long, trampoline_words
bits 16
trampoline:
	cli
	cld
	mov ax, cs
	mov ds, ax
	o32 lgdt [AT(words.gdtr)]
	mov eax, CR4_PAE
	mov cr4, eax
	mov eax, [AT(words.tables)]
	mov cr3, eax
	mov ecx, MSR_EFER
	rdmsr
	or eax, EFER_LME_NXE
	wrmsr
	mov eax, CR0_PG_WP_PE
	mov cr0, eax
	o32 jmp far [AT(words.far)]

bits 64
trampoline_long:
	mov eax, 0x10
	mov ds, eax
	mov es, eax
	mov ss, eax
	jmp [words.entry]

; struct trampoline_words of kernel/x86/secondary.c, which fills it in.
	align 8
trampoline_words:
words:
.gdt:	dq 0
	dq 0x00af9b000000ffff	; code: 64-bit, ring 0, accessed
	dq 0x00cf93000000ffff	; data: writable, accessed
.entry:	dq 0
.gdtr:	dw 3 * 8 - 1
	dd 0
	dw 0
.far:	dd 0
	dw 0x08
	dw 0
.tables: dd 0
trampoline_end:

section .text

; Only one CPU is started at a time, and only the one that takes the ticket goes on: one that comes
; too late, when nobody waits for it any more, stops here.
extern secondary_start
extern secondary_main
global secondary_entry
secondary_entry:
	xor eax, eax
	xchg eax, [secondary_start + START_TICKET]
	test eax, eax
	jz .stop
	mov rax, [secondary_start + START_TABLES]
	mov cr3, rax
	mov rsp, [secondary_start + START_STACK]
	mov eax, [secondary_start + START_CPU]
	mov edx, [secondary_start + START_CPU + 4]
	mov ecx, MSR_GS_BASE_NR
	wrmsr
	xor ebp, ebp
	call secondary_main
.stop:	cli
	hlt
	jmp .stop
