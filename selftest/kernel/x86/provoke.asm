; SPDX-License-Identifier: BSD-2-Clause
;
; One function an exception; NAME_at is the RIP that must be reported.

bits 64
default rel

section .text progbits alloc exec nowrite align=16

%macro PROVOKE 1
global %1, %1_at
%1:
%endmacro

PROVOKE provoke_de
	xor edx, edx
	xor ecx, ecx
	mov eax, 1
provoke_de_at:
	div ecx
	ret

; The step ends behind the instruction that follows POPF.
PROVOKE provoke_db
	pushfq
	or qword [rsp], 0x100
	popfq
	nop
provoke_db_at:
	nop
	ret

PROVOKE provoke_bp
	int3
provoke_bp_at:
	ret

PROVOKE provoke_nmi
	int 2
provoke_nmi_at:
	ret

PROVOKE provoke_ud
provoke_ud_at:
	ud2

; RDI = address of a 108-byte area with CR0.TS set by the caller.
PROVOKE provoke_nm
provoke_nm_at:
	fnop
	ret

PROVOKE provoke_gp
	mov rax, 0x8000000000000000
provoke_gp_at:
	mov al, [rax]
	ret

PROVOKE provoke_gp_selector
	mov eax, 0x1238
provoke_gp_selector_at:
	mov ds, eax
	ret

; EDI = selector of a data segment that is not present.
PROVOKE provoke_ss
provoke_ss_at:
	mov ss, edi
	ret

PROVOKE provoke_np
provoke_np_at:
	mov ds, edi
	ret

; RDI = lowest address of a stack above a guard page: the push cannot be done, nor its #PF.
PROVOKE provoke_df
	mov rsp, rdi
provoke_df_at:
	push rax
	ud2
