; SPDX-License-Identifier: BSD-2-Clause
;
; From a gate of the IDT to C and back. Three kinds of entry:
;   ordinary  exceptions: on the thread's stack; the saved CS says whose GS base is loaded
;   interrupt the same, but C runs on the CPU's IRQ stack
;   paranoid  NMI, #MC, #DF and #DB of ring 0: on an IST stack; they can hit between SYSCALL and
;             SWAPGS, so neither CS nor the sign of GS says anything: the GS base is taken from
;             the word at the top of the IST stack and the old one put back at the end

bits 64
default rel

%include "kernel/x86/entry.inc"

extern cpu_fsgsbase_on
extern trap_exception_user
extern trap_exception_kernel
extern trap_page_fault_user
extern trap_page_fault_kernel
extern trap_paranoid
extern trap_bad_user_rip
extern trap_irq
extern return_to_user_work
extern syscall_native_gate

; pti_entry.asm's ways in lead here.
global page_fault_entry, exception_entry, irq_entry, int80_entry, debug_entry, return_to_kernel

section .entry.text progbits alloc exec nowrite align=16

; One 16-byte stub a vector; idt_init() computes their addresses.
global trap_stubs
align 16
trap_stubs:
	TRAP_STUBS debug_entry, paranoid_entry, page_fault_entry, exception_entry, int80_entry, irq_entry

; From here to entry_ordinary_end nothing runs on an IST stack.
global entry_ordinary_start, entry_ordinary_end
align 16
entry_ordinary_start:
page_fault_entry:
	PUSH_REGS
	CLEAN_FLAGS
	test byte [rsp + TF_CS], 3
	jz .kernel
	swapgs
	lfence			; no speculation with the user's GS
	xor ebp, ebp
	mov rsi, cr2
	mov rdi, rsp
	call trap_page_fault_user
	jmp return_to_user
.kernel:
	lfence
	mov rsi, cr2
	mov rdi, rsp
	call trap_page_fault_kernel
	jmp return_to_kernel

align 16
exception_entry:
	PUSH_REGS
	CLEAN_FLAGS
	test byte [rsp + TF_CS], 3
	jz exception_kernel
	swapgs
exception_user:
	lfence
	xor ebp, ebp
	mov rdi, rsp
	call trap_exception_user
	jmp return_to_user
exception_kernel:
	lfence
	mov rdi, rsp
	call trap_exception_kernel
	jmp return_to_kernel

align 16
irq_entry:
	PUSH_REGS
	CLEAN_FLAGS
	test byte [rsp + TF_CS], 3
	jz .kernel
	swapgs
	xor ebp, ebp
.kernel:
	lfence
	mov edi, [rsp + TF_VECTOR]
	mov rbx, rsp
	mov rsp, [gs:CPU_IRQ_STACK_TOP]
	inc dword [gs:CPU_IRQ_DEPTH]
	call trap_irq
	dec dword [gs:CPU_IRQ_DEPTH]
	mov rsp, rbx
	test byte [rsp + TF_CS], 3
	jz return_to_kernel

; RSP = frame of ring 3, interrupts off, GS = the kernel's. Also where a new thread comes in.
global return_to_user
return_to_user:
	mov rax, [gs:CPU_CURRENT]
	cmp dword [rax + CTX_WORK], 0
	jne .work
	; IRETQ to a non-canonical address would fault here, in ring 0.
	mov rax, [rsp + TF_RIP]
	shr rax, 47
	jnz .bad_rip
	; Whatever wrote the frame: ring 3 cannot get other segments, IOPL, VM or IF clear.
	mov qword [rsp + TF_CS], USER_CS
	mov qword [rsp + TF_SS], USER_SS
	and qword [rsp + TF_RFLAGS], FLAGS_USER
	or qword [rsp + TF_RFLAGS], FLAGS_FORCED
	POP_REGS
.clear_buffers:
	CLEAR_BUFFERS
	add rsp, 16
	swapgs
	iretq
.work:
	mov rdi, rsp
	call return_to_user_work
	jmp return_to_user
.bad_rip:
	mov rdi, rsp
	call trap_bad_user_rip
	jmp return_to_user

align 16
int80_entry:
	PUSH_REGS
	CLEAN_FLAGS
	test byte [rsp + TF_CS], 3
	jz exception_kernel
	swapgs
	lfence
	mov [rsp + TF_ERROR], rax
	mov qword [rsp + TF_RAX], RESULT_NOSYS
	CLEAR_KEPT_REGS
	mov rdi, rsp
	sti
	call syscall_native_gate
	cli
	jmp return_to_user

entry_ordinary_end:

global clear_buffers_iret
clear_buffers_iret equ return_to_user.clear_buffers
; Any segment that can be written does for VERW.
global clear_buffers_selector
clear_buffers_selector:
	dw KERNEL_SS

; A #DB of ring 3 (single step, its own breakpoints) moves to the thread's stack, where it may
; sleep; one of ring 0 stays paranoid.
align 16
debug_entry:
	PUSH_REGS
	test byte [rsp + TF_CS], 3
	jz paranoid_pushed
	CLEAN_FLAGS
	swapgs
	lfence
	mov rsi, rsp
	mov rdi, [gs:CPU_KERNEL_RSP]
	sub rdi, TF_SIZE
	mov rbx, rdi
	mov ecx, TF_SIZE / 8
	rep movsq
	mov rsp, rbx
	jmp exception_user

align 16
paranoid_entry:
	PUSH_REGS
paranoid_pushed:
	CLEAN_FLAGS
	; RBX = the interrupted GS base; the word above the frame is this CPU's head.
	cmp byte [cpu_fsgsbase_on], 0
	je .by_msr
	rdgsbase rbx
	mov rax, [rsp + TF_SIZE]
	wrgsbase rax
	lfence
	mov rdi, rsp
	call trap_paranoid
	wrgsbase rbx
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
	jmp return_to_kernel

align 16
return_to_kernel:
	POP_REGS
	add rsp, 16
	iretq
