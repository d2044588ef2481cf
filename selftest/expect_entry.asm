; SPDX-License-Identifier: BSD-2-Clause
;
; Leaving a function that faulted: its caller's registers wait on the stack.

bits 64
default rel

extern __x86_indirect_thunk_rax
extern __x86_indirect_thunk_rdi

section .text progbits alloc exec nowrite align=16

; int expect_call(void (*fn)(void *), void *arg, struct expect_slot *slot)
global expect_call
expect_call:
	push rbp
	push rbx
	push r12
	push r13
	push r14
	push r15
	push rdx
	mov [rdx], rsp
	mov rax, rdi
	mov rdi, rsi
	call __x86_indirect_thunk_rax
	xor eax, eax
	jmp restore

; void expect_leave(struct expect_slot *slot)
global expect_leave
expect_leave:
	mov rsp, [rdi]
; Where an exception returns to, with RSP = the slot's.
global expect_landing
expect_landing:
	mov eax, 1
restore:
	cld
	pop rdx
	pop r15
	pop r14
	pop r13
	pop r12
	pop rbx
	pop rbp
	ret

; One access each; the fault must be reported at exactly the label.
global probe_read, probe_read_at
probe_read:
probe_read_at:
	mov al, [rdi]
	ret

global probe_write, probe_write_at
probe_write:
	mov al, 0x5a
probe_write_at:
	mov [rdi], al
	ret

global probe_exec
probe_exec:
	call __x86_indirect_thunk_rdi
	ret
