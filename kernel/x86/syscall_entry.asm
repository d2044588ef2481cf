; SPDX-License-Identifier: BSD-2-Clause
;
; SYSCALL: to the thread's kernel stack, a whole trapframe, C, and back by SYSRET when that is
; safe, by IRETQ otherwise. SDM vol 2, SYSCALL and SYSRET: RCX = RIP, R11 = RFLAGS; FMASK has
; cleared IF, TF, DF, AC, NT, RF and IOPL.

bits 64
default rel

%include "kernel/x86/entry.inc"

extern syscall_linux
extern return_to_user
extern clear_buffers_selector

USER_LIMIT equ 0x7ffffffff000

; Jumps to %2 unless SYSRET gives ring 3 exactly the frame at %1. RCX = its RIP, R11 = its flags.
; SYSRET with a non-canonical RCX faults in ring 0 on Intel, with the user's stack (CVE-2012-0217).
%macro SYSRET_CHECK 2
	cmp rcx, [%1 + TF_RCX]
	jne %2
	cmp r11, [%1 + TF_R11]
	jne %2
	mov rax, USER_LIMIT
	cmp rcx, rax
	jae %2
	mov eax, r11d
	and eax, SYSRET_FLAGS_LOOKED_AT
	cmp eax, FLAGS_IF
	jne %2
	cmp qword [%1 + TF_CS], USER_CS
	jne %2
	cmp qword [%1 + TF_SS], USER_SS
	jne %2
%endmacro

section .entry.text progbits alloc exec nowrite align=16

global syscall_entry
align 16
syscall_entry:
	swapgs
global syscall_entry_inside
syscall_entry_inside:
	mov [gs:CPU_USER_RSP], rsp
	mov rsp, [gs:CPU_KERNEL_RSP]
	push USER_SS
	push qword [gs:CPU_USER_RSP]
	push r11
	push USER_CS
	push rcx
	push rax
	push TRAP_SYSCALL
	push rdi
	push rsi
	push rdx
	push rcx
	push RESULT_NOSYS
	push r8
	push r9
	push r10
	push r11
	push rbx
	push rbp
	push r12
	push r13
	push r14
	push r15
	CLEAR_KEPT_REGS
	mov rdi, rsp
	sti
	call syscall_linux
	cli
	mov rax, [gs:CPU_CURRENT]
	cmp dword [rax + CTX_WORK], 0
	jne return_to_user
	mov rcx, [rsp + TF_RIP]
	mov r11, [rsp + TF_RFLAGS]
	SYSRET_CHECK rsp, return_to_user
	POP_REGS
	; RSP is at `vector`.
global clear_buffers_syscall
clear_buffers_syscall:
	CLEAR_BUFFERS
	mov rsp, [rsp + TF_RSP - TF_VECTOR]
	swapgs
	o64 sysret

; Where SYSCALL from 32-bit code would go; no descriptor leads to such code.
global syscall_refuse
align 16
syscall_refuse:
	mov eax, RESULT_NOSYS
	o32 sysret

section .text progbits alloc exec nowrite align=16

; bool sysret_allowed(const struct trapframe *frame)
global sysret_allowed
align 16
sysret_allowed:
	mov rcx, [rdi + TF_RIP]
	mov r11, [rdi + TF_RFLAGS]
	SYSRET_CHECK rdi, .no
	mov eax, 1
	ret
.no:	xor eax, eax
	ret
