; SPDX-License-Identifier: BSD-2-Clause
;
; Page-table isolation: in front of the entry code (trap_entry.asm, syscall_entry.asm) and behind it.
; Ring 3 runs with the second of a pair of top-level tables, PTI_ROOT_BIT above the kernel's; of the
; kernel half it maps this text, the tables that the CPU reads, each CPU's entry page (struct cpu_entry,
; one page above what GS points to) and the highest page of each stack that an IST slot names. So
; until CR3 is the kernel's, nothing else may be touched.
;
; Where isolation is off none of this runs: the IDT and LSTAR lead past it.

bits 64
default rel

%include "kernel/x86/entry.inc"

extern cpu_fsgsbase_on
extern trap_paranoid
extern syscall_entry_inside
extern page_fault_entry
extern exception_entry
extern irq_entry
extern int80_entry
extern debug_entry
extern return_to_kernel
extern clear_buffers_selector

%define ENTRY(offset) gs:PAGE_BYTES + offset

section .entry.text progbits alloc exec nowrite align=16

global pti_trap_stubs
align 16
pti_trap_stubs:
	TRAP_STUBS pti_debug, pti_paranoid, pti_page_fault, pti_exception, pti_int80, pti_irq

; What interrupts ring 3 comes in on the entry page: the CPU's words go to the thread's stack, and the
; ordinary entry begins as if it had come there. RSP = `vector`.
%macro ENTER 1
	test byte [rsp + TF_CS - TF_VECTOR], 3
	jz %1
	swapgs
	push rax
	mov rax, cr3
	and rax, ~PTI_ROOT_BIT
	mov cr3, rax
	mov rax, rsp
	mov rsp, [gs:CPU_KERNEL_RSP]
	push qword [rax + 8 + TF_SS - TF_VECTOR]
	push qword [rax + 8 + TF_RSP - TF_VECTOR]
	push qword [rax + 8 + TF_RFLAGS - TF_VECTOR]
	push qword [rax + 8 + TF_CS - TF_VECTOR]
	push qword [rax + 8 + TF_RIP - TF_VECTOR]
	push qword [rax + 8 + TF_ERROR - TF_VECTOR]
	push qword [rax + 8]
	mov rax, [rax]
	swapgs
	jmp %1
%endmacro

global pti_text_start
pti_text_start:
align 16
pti_page_fault:
	ENTER page_fault_entry
align 16
pti_exception:
	ENTER exception_entry
align 16
pti_irq:
	ENTER irq_entry
align 16
pti_int80:
	ENTER int80_entry

global syscall_entry_pti
align 16
syscall_entry_pti:
	swapgs
	mov [ENTRY(ENTRY_USER_RSP)], rsp
	mov rsp, cr3
	and rsp, ~PTI_ROOT_BIT
	mov cr3, rsp
	mov rsp, [ENTRY(ENTRY_USER_RSP)]
	jmp syscall_entry_inside

; From the end of SYSCALL's way: all registers are the user's, RSP = `vector`.
global pti_leave_syscall
align 16
pti_leave_syscall:
	mov rsp, [rsp + TF_RSP - TF_VECTOR]
	mov [ENTRY(ENTRY_USER_RSP)], rsp
	mov rsp, cr3
	or rsp, PTI_ROOT_BIT
	mov cr3, rsp
	mov rsp, [ENTRY(ENTRY_USER_RSP)]
global pti_clear_buffers_syscall
pti_clear_buffers_syscall:
	CLEAR_BUFFERS
	swapgs
	o64 sysret

; The same for IRETQ, which needs its words on a stack that ring 3's root maps.
global pti_leave_iret
align 16
pti_leave_iret:
	push rdi
	mov rdi, rsp
	mov rsp, [gs:CPU_SELF]
	add rsp, 2 * PAGE_BYTES
	push qword [rdi + 8 + TF_SS - TF_VECTOR]
	push qword [rdi + 8 + TF_RSP - TF_VECTOR]
	push qword [rdi + 8 + TF_RFLAGS - TF_VECTOR]
	push qword [rdi + 8 + TF_CS - TF_VECTOR]
	push qword [rdi + 8 + TF_RIP - TF_VECTOR]
	push qword [rdi]
	mov rdi, cr3
	or rdi, PTI_ROOT_BIT
	mov cr3, rdi
	pop rdi
global pti_clear_buffers_iret
pti_clear_buffers_iret:
	CLEAR_BUFFERS
	swapgs
	iretq

global pti_text_end
pti_text_end:

; On the #DB stack, which both roots map. Of ring 0 it is paranoid.
align 16
pti_debug:
	test byte [rsp + TF_CS - TF_VECTOR], 3
	jz pti_paranoid
	push rax
	mov rax, cr3
	and rax, ~PTI_ROOT_BIT
	mov cr3, rax
	pop rax
	jmp debug_entry

; paranoid_entry, which also puts back whichever root it came on.
align 16
pti_paranoid:
	PUSH_REGS
	CLEAN_FLAGS
	mov r12, cr3
	mov rax, r12
	and rax, ~PTI_ROOT_BIT
	mov cr3, rax
	cmp byte [cpu_fsgsbase_on], 0
	je .by_msr
	rdgsbase rbx
	mov rax, [rsp + TF_SIZE]
	wrgsbase rax
	lfence
	mov rdi, rsp
	call trap_paranoid
	wrgsbase rbx
	mov cr3, r12
	jmp return_to_kernel
.by_msr:
	mov ecx, MSR_GS_BASE_NR
	rdmsr
	mov ebx, eax
	shl rdx, 32
	or rbx, rdx
	mov eax, [rsp + TF_SIZE]
	mov edx, [rsp + TF_SIZE + 4]
	wrmsr
	lfence
	mov rdi, rsp
	call trap_paranoid
	mov ecx, MSR_GS_BASE_NR
	mov eax, ebx
	mov rdx, rbx
	shr rdx, 32
	wrmsr
	mov cr3, r12
	jmp return_to_kernel
