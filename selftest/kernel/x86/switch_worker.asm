; SPDX-License-Identifier: BSD-2-Clause
;
; A flow of control that owns a value in each register the switch must keep.

bits 64
default rel

extern context_switch

extern __x86_indirect_thunk_r12

section .text progbits alloc exec nowrite align=16

; uint64_t switch_rounds(struct context *self, struct context *next, uint64_t seed, uint64_t rounds)
; Return: how many registers were not what they had been, over all rounds.
global switch_rounds
switch_rounds:
	push rbp
	push rbx
	push r12
	push r13
	push r14
	push r15
	sub rsp, 40
	mov [rsp], rdi
	mov [rsp + 8], rsi
	mov [rsp + 16], rdx
	mov [rsp + 24], rcx
	mov qword [rsp + 32], 0
.round:
	cmp qword [rsp + 24], 0
	je .done
	dec qword [rsp + 24]
	mov rax, [rsp + 16]
	lea rbx, [rax + 1]
	lea rbp, [rax + 2]
	lea r12, [rax + 3]
	lea r13, [rax + 4]
	lea r14, [rax + 5]
	lea r15, [rax + 6]
	mov rdi, [rsp]
	mov rsi, [rsp + 8]
	call context_switch
	mov rax, [rsp + 16]
%macro COMPARE 2
	lea rcx, [rax + %2]
	cmp %1, rcx
	je %%same
	inc qword [rsp + 32]
%%same:
%endmacro
	COMPARE rbx, 1
	COMPARE rbp, 2
	COMPARE r12, 3
	COMPARE r13, 4
	COMPARE r14, 5
	COMPARE r15, 6
	; Direction and alignment-check flags are never another thread's.
	pushfq
	pop rcx
	test ecx, 0x40400
	jz .round
	inc qword [rsp + 32]
	jmp .round
.done:
	mov rax, [rsp + 32]
	add rsp, 40
	pop r15
	pop r14
	pop r13
	pop r12
	pop rbx
	pop rbp
	ret

; Where a hand-made context begins: R12 = function, R13 = argument.
global switch_begin
switch_begin:
	mov rdi, r13
	call __x86_indirect_thunk_r12
	ud2
