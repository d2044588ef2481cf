; SPDX-License-Identifier: BSD-2-Clause
;
; The stack part of the context switch, and where new threads begin.

bits 64
default rel

%include "kernel/x86/entry.inc"

extern thread_started
extern thread_returned
extern return_to_user

extern __x86_indirect_thunk_r12

FILLS equ 32 ; entries of the largest return stack buffer
FILLS_A_ROUND equ 8

section .text progbits alloc exec nowrite align=16

; void context_switch_stack(struct context *from, struct context *to)
; Interrupts are off. The flags that C code may rely on (DF, AC) are clear on both sides.
global context_switch_stack
align 16
context_switch_stack:
	push rbp
	push rbx
	push r12
	push r13
	push r14
	push r15
	mov [rdi + CTX_RSP], rsp
	mov rsp, [rsi + CTX_RSP]
	mov rax, [rsi + CTX_KERNEL_RSP]
	mov [gs:CPU_KERNEL_RSP], rax
	mov rcx, [gs:CPU_TSS]
global rsp0_store
rsp0_store:
	mov [rcx + TSS_RSP0], rax
	mov rax, [rsi + CTX_CANARY]
	mov [gs:CPU_CANARY], rax
	pop r15
	pop r14
	pop r13
	pop r12
	pop rbx
	pop rbp
; A return finds only predictions of this function's in the CPU's stack of them: none that another
; thread or a program has left. Boot makes the first two bytes a jump over it where the CPU need not.
global fill_returns, fill_returns_end
fill_returns:
	xchg ax, ax
	mov eax, FILLS / FILLS_A_ROUND
.fill:
%rep FILLS_A_ROUND
	call $ + 6
	int3
%endrep
	dec eax
	jnz .fill
	add rsp, FILLS * 8
	lfence
fill_returns_end:
	ret

; First switch to a kernel thread: R12 = function, R13 = argument. RSP is 16-byte aligned.
global thread_entry_kernel
align 16
thread_entry_kernel:
	xor ebp, ebp
	call thread_started
	sti
	mov rdi, r13
	call __x86_indirect_thunk_r12
	call thread_returned
	ud2

; First switch to a thread of ring 3: RSP = its trapframe.
global thread_entry_user
align 16
thread_entry_user:
	xor ebp, ebp
	call thread_started
	cli
	jmp return_to_user

; void enter_user(struct trapframe *frame)
global enter_user
align 16
enter_user:
	cli
	mov rsp, rdi
	xor ebp, ebp
	jmp return_to_user

; void desc_reload_segments(void): after lgdt. Loading FS or GS would clear the GS base.
global desc_reload_segments
align 16
desc_reload_segments:
	mov eax, KERNEL_SS
	mov ss, eax
	xor eax, eax
	mov ds, eax
	mov es, eax
	pop rax
	push KERNEL_CS
	push rax
	o64 retf
