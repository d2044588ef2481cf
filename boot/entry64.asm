; SPDX-License-Identifier: BSD-2-Clause
;
; Where the three doors meet: 64-bit mode, the boot page tables, interrupts off.
; RDI = the door's number (enum boot_door), RSI = physical address of its information, RDX = physical
; address of the image (the UEFI door tells it in its information).

bits 64
default rel

extern kernel_start
extern percpu_boot
extern boot_stack_top

MSR_GS_BASE equ 0xc0000101

section .init.text progbits alloc exec nowrite align=16

global entry64
entry64:
	cli
	cld
	lea rsp, [boot_stack_top]
	; The stack protector reads its canary through GS from the first C function on.
	mov r8, rdx
	lea rax, [percpu_boot]
	mov rdx, rax
	shr rdx, 32
	mov ecx, MSR_GS_BASE
	wrmsr
	mov rdx, r8
	xor ebp, ebp
	call kernel_start
.stop:	hlt
	jmp .stop
