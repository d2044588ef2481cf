; SPDX-License-Identifier: BSD-2-Clause
;
; Every indirect branch of the kernel goes through one of these, one a register. As built they are
; retpolines: the branch is a return whose prediction the CALL before it has made, to a loop that
; goes nowhere; what ring 3 has taught the CPU about indirect branches does not count. Where that is
; not needed, boot writes the plain branch over them (mitigate.c). Intel: Retpoline, a branch target
; injection mitigation.

bits 64
default rel

section .text progbits alloc exec nowrite align=32

%macro THUNK 1
global __x86_indirect_thunk_%1
	align 32, int3
__x86_indirect_thunk_%1:
	call %%taught
%%nowhere:
	pause
	lfence
	jmp %%nowhere
%%taught:
	mov [rsp], %1
	ret
%endmacro

; By the register's number in instructions; RSP has none.
global indirect_thunks
	align 32, int3
indirect_thunks:
	THUNK rax
	THUNK rcx
	THUNK rdx
	THUNK rbx
	align 32, int3
	times 32 int3
	THUNK rbp
	THUNK rsi
	THUNK rdi
	THUNK r8
	THUNK r9
	THUNK r10
	THUNK r11
	THUNK r12
	THUNK r13
	THUNK r14
	THUNK r15
	align 32, int3
global indirect_thunks_end
indirect_thunks_end:
