; SPDX-License-Identifier: BSD-2-Clause
;
; The 32-bit doors: GRUB (multiboot2) and PVH. Both find out where the image was loaded, build the
; first page tables and go to entry64. These tables are W^X already: the image by the rights of its
; sections, the first 4 GiB of physical memory writable but not executable (and read-only where a
; 2 MiB page overlaps the image), and this page 1:1, executable and read-only.

bits 32

DOOR_MULTIBOOT2		equ 1
DOOR_PVH		equ 2

MULTIBOOT2_LOADED	equ 0x36d76289

; boot_params, filled in by boot/kernel.ld, stand at fixed offsets of the image.
PARAM_TABLES		equ 0x100
PARAM_BOOT_END		equ 0x104
PARAM_ENTRY64		equ 0x108
PARAM_IMAGE_SIZE	equ 0x110
PARAM_RANGE_COUNT	equ 0x114
PARAM_RANGES		equ 0x118
TEXT_OFFSET		equ 0x200

; The tables' pages within boot_tables.
PML4			equ 0x0000
IDENTITY_PDPT		equ 0x1000
IDENTITY_PD		equ 0x2000
IDENTITY_PT		equ 0x3000
PHYSMAP_PDPT		equ 0x4000
PHYSMAP_PD		equ 0x5000	; four pages, 1 GiB each
IMAGE_PDPT		equ 0x9000
IMAGE_PD		equ 0xa000
IMAGE_PT		equ 0xb000	; eight pages, 2 MiB each

PTE_P			equ 1
PTE_W			equ 2
PTE_PS			equ 0x80
PTE_NX_HIGH		equ 0x80000000

MSR_EFER		equ 0xc0000080
EFER_LME_NXE		equ 0x900
CR4_PAE			equ 0x20
CR0_PG_WP_PE		equ 0x80010001
CPUID_EXT_LM_NX		equ 0x20100000	; leaf 0x80000001, EDX bits 29 and 20
COM1			equ 0x3f8

section .boot.header progbits alloc exec nowrite align=8
header:
	dd 0xe85250d6, 0, header_end - header, -(0xe85250d6 + header_end - header)
	; information request: command line, modules, memory map, framebuffer, ACPI, load base
	align 8
	dw 1, 1
	dd 8 + 7 * 4
	dd 1, 3, 6, 8, 14, 15, 21
	; a linear frame buffer, where there is a screen: any size, 32 bits a pixel if it can be
	align 8
	dw 5, 1
	dd 20
	dd 0, 0, 32
	; modules on page boundaries
	align 8
	dw 6, 1
	dd 8
	; relocatable: anywhere below 4 GiB on 2 MiB, as low as possible
	align 8
	dw 10, 0
	dd 24
	dd 0x200000, 0xfffff000, 0x200000, 1
	align 8
	dw 0, 0
	dd 8
header_end:

section .boot.text progbits alloc exec nowrite align=16

global entry32_pvh
entry32_pvh:
	mov edi, DOOR_PVH
	jmp find_base

global entry32_multiboot2
entry32_multiboot2:
	cmp eax, MULTIBOOT2_LOADED
	jne stop
	mov edi, DOOR_MULTIBOOT2

; EBX = the loader's information, which is writable: one of its words is the stack for one call.
find_base:
	cli
	cld
	mov esi, ebx
	mov ecx, [ebx + 4]
	lea esp, [ebx + 8]
	call .here
.here:	pop ebp
	mov [ebx + 4], ecx
	sub ebp, .here - $$ + TEXT_OFFSET	; EBP = physical base of the image

check_cpu:
	mov eax, 0x80000000
	cpuid
	cmp eax, 0x80000001
	jb no_long_mode
	mov eax, 0x80000001
	cpuid
	and edx, CPUID_EXT_LM_NX
	cmp edx, CPUID_EXT_LM_NX
	jne no_long_mode

; EBX = the tables. They lie in .bss, which the loader has cleared.
build_tables:
	mov ebx, [ebp + PARAM_TABLES]
	add ebx, ebp

	lea eax, [ebx + IDENTITY_PDPT + PTE_P + PTE_W]
	mov [ebx + PML4], eax
	lea eax, [ebx + PHYSMAP_PDPT + PTE_P + PTE_W]
	mov [ebx + PML4 + 256 * 8], eax
	lea eax, [ebx + IMAGE_PDPT + PTE_P + PTE_W]
	mov [ebx + PML4 + 511 * 8], eax

; This page 1:1.
	mov ecx, ebp
	shr ecx, 30
	lea eax, [ebx + IDENTITY_PD + PTE_P + PTE_W]
	mov [ebx + IDENTITY_PDPT + ecx * 8], eax
	mov ecx, ebp
	shr ecx, 21
	and ecx, 511
	lea eax, [ebx + IDENTITY_PT + PTE_P + PTE_W]
	mov [ebx + IDENTITY_PD + ecx * 8], eax
	lea eax, [ebp + PTE_P]
	lea ecx, [ebx + IDENTITY_PT]
	mov edx, [ebp + PARAM_BOOT_END]
.identity_page:
	mov [ecx], eax
	add ecx, 8
	add eax, 0x1000
	sub edx, 0x1000
	jnz .identity_page

; The physical map: 2048 pages of 2 MiB. EDX counts, EAX is the low half of the entry.
	xor ecx, ecx
.physmap_pdpt:
	mov eax, ecx
	shl eax, 12
	lea eax, [ebx + eax + PHYSMAP_PD + PTE_P + PTE_W]
	mov [ebx + PHYSMAP_PDPT + ecx * 8], eax
	inc ecx
	cmp ecx, 4
	jb .physmap_pdpt
	xor ecx, ecx
.physmap_page:
	mov eax, ecx
	shl eax, 21
	mov edx, eax
	add eax, PTE_P + PTE_W + PTE_PS
	sub edx, ebp			; below the image it wraps to a large number
	cmp edx, [ebp + PARAM_IMAGE_SIZE]
	jae .physmap_store
	and eax, ~PTE_W
.physmap_store:
	mov [ebx + PHYSMAP_PD + ecx * 8], eax
	mov dword [ebx + PHYSMAP_PD + ecx * 8 + 4], PTE_NX_HIGH
	inc ecx
	cmp ecx, 2048
	jb .physmap_page

; The image, section by section.
	lea eax, [ebx + IMAGE_PD + PTE_P + PTE_W]
	mov [ebx + IMAGE_PDPT + 510 * 8], eax
	xor ecx, ecx
.image_pd:
	mov eax, ecx
	shl eax, 12
	lea eax, [ebx + eax + IMAGE_PT + PTE_P + PTE_W]
	mov [ebx + IMAGE_PD + ecx * 8], eax
	inc ecx
	cmp ecx, 8
	jb .image_pd

	lea edx, [ebp + PARAM_RANGES]
	mov ecx, [ebp + PARAM_RANGE_COUNT]
.range:
	mov esp, [edx]			; ESP is a plain register here: offset of the page
.page:
	cmp esp, [edx + 4]
	jae .next_range
	mov eax, esp
	shr eax, 12
	lea eax, [ebx + eax * 8 + IMAGE_PT]
	mov [ebx + PML4 + 8], ebp	; keep the base in a spare, non-present entry
	add ebp, esp
	or ebp, [edx + 8]
	mov [eax], ebp
	mov ebp, [edx + 12]
	mov [eax + 4], ebp
	mov ebp, [ebx + PML4 + 8]
	add esp, 0x1000
	jmp .page
.next_range:
	add edx, 16
	dec ecx
	jnz .range
	mov dword [ebx + PML4 + 8], 0

enter_long_mode:
	lea eax, [ebp + boot_gdt - $$ + TEXT_OFFSET]
	mov [ebp + boot_gdtr - $$ + TEXT_OFFSET + 2], eax
	lgdt [ebp + boot_gdtr - $$ + TEXT_OFFSET]
	lea eax, [ebp + long_mode - $$ + TEXT_OFFSET]
	mov [ebp + far_pointer - $$ + TEXT_OFFSET], eax

	mov eax, CR4_PAE
	mov cr4, eax
	mov cr3, ebx
	mov ecx, MSR_EFER
	rdmsr
	or eax, EFER_LME_NXE
	wrmsr
	mov eax, CR0_PG_WP_PE
	mov cr0, eax
	jmp far [ebp + far_pointer - $$ + TEXT_OFFSET]

bits 64
long_mode:
	mov eax, 0x10
	mov ds, eax
	mov es, eax
	mov ss, eax
	mov edi, edi			; the door
	mov esi, esi			; its information
	mov ebp, ebp
	mov rdx, rbp			; where the image lies
	mov rax, [rbp + PARAM_ENTRY64]
	jmp rax

bits 32
no_long_mode:
	lea esi, [ebp + .text - $$ + TEXT_OFFSET]
	mov dx, COM1
.next:	lodsb
	test al, al
	jz stop
	out dx, al
	jmp .next
.text:	db "bartizan: this CPU has no 64-bit mode with no-execute pages", 13, 10, 0

stop:	cli
	hlt
	jmp stop

	align 8
boot_gdt:
	dq 0
	dq 0x00af9b000000ffff		; code: 64-bit, ring 0, accessed
	dq 0x00cf93000000ffff		; data: writable, accessed
boot_gdtr:
	dw $ - boot_gdt - 1
	dd 0
	align 8
far_pointer:
	dd 0
	dw 0x08
