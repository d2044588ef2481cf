; SPDX-License-Identifier: BSD-2-Clause
;
; Where the three doors meet: 64-bit mode, the boot page tables, interrupts off.
; RDI = the door's number (enum boot_door), RSI = physical address of its information, RDX = physical
; address of the image (the UEFI door tells it in its information).
;
; The image moves here, between two calls of C: boot/place.h.

bits 64
default rel

%include "offsets.inc"

extern kernel_place
extern kernel_start
extern place_relocate
extern percpu_boot
extern boot_stack_top
extern __x86_indirect_thunk_rax
extern relr_start
extern relr_end

MSR_GS_BASE equ 0xc0000101
CR0_WP_BIT  equ 16

section .init.text progbits alloc exec nowrite align=16

; The stack and the per-CPU head at the image's present place. The stack protector reads its canary
; through GS from the first C function on.
%macro LOAD_STACK_AND_GS 0
	lea rsp, [boot_stack_top]
	lea rax, [percpu_boot]
	mov rdx, rax
	shr rdx, 32
	mov ecx, MSR_GS_BASE
	wrmsr
	xor ebp, ebp
%endmacro

; The checked code writes marks of its stack's variables from its first function on.
%macro PREPARE_SHADOW 0
%if SAN
	extern shadow_begin
	push rdi
	push rsi
	push rdx
	push rdx
	call shadow_begin
	pop rdx
	pop rdx
	pop rsi
	pop rdi
%endif
%endmacro

global entry64
entry64:
	cli
	cld
	mov r8, rdx
	LOAD_STACK_AND_GS
	mov rdx, r8
	PREPARE_SHADOW
	call kernel_place
	test rax, rax
	jz .placed
	mov rbx, rax			; struct place: the slide,
	mov r12, rdx			; and the tables

; Addresses stand in read-only parts of the image, too.
	mov rax, cr0
	btr rax, CR0_WP_BIT
	mov cr0, rax
	lea rdi, [relr_start]
	lea rsi, [relr_end]
	mov rdx, rbx
	call place_relocate
	mov rax, cr0
	bts rax, CR0_WP_BIT
	mov cr0, rax

	mov cr3, r12
	lea rax, [.placed]
	add rax, rbx
	jmp __x86_indirect_thunk_rax

.placed:
	LOAD_STACK_AND_GS
	PREPARE_SHADOW
	call kernel_start
.stop:	hlt
	jmp .stop
