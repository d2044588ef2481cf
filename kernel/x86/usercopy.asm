; SPDX-License-Identifier: BSD-2-Clause
;
; The only code that opens the SMAP window. Each instruction that may fault has a row in .extable:
; the exact address, and where it goes on. The CPU restores AC = 1 there: every way out closes it.

bits 64
default rel

%include "kernel/x86/entry.inc"

extern cpu_smap_on

%macro OPEN 0
	cmp byte [cpu_smap_on], 0
	je %%none
	stac
%%none:
%endmacro

%macro CLOSE 0
	cmp byte [cpu_smap_on], 0
	je %%none
	clac
%%none:
%endmacro

; A fault at label %1 goes on at label %2. Rows stand in the order of the code: sorted.
%macro MAY_FAULT 2
section .extable
	dd %1 - $
	dd %2 - $
section .usercopy.text
%endmacro

section .extable progbits alloc noexec nowrite align=4
section .usercopy.text progbits alloc exec nowrite align=16

; size_t usercopy_raw(void *to, const void *from, size_t n)
global usercopy_raw
align 16
usercopy_raw:
	mov rcx, rdx
	shr rcx, 3
	and edx, 7
	OPEN
.words:
	rep movsq
	mov ecx, edx
.bytes:
	rep movsb
.done:
	CLOSE
	mov rax, rcx
	ret
; A word could not be moved: move what can be of it, and of the rest, byte by byte.
.words_fixup:
	lea rcx, [rcx * 8 + rdx]
.again:
	rep movsb
	jmp .done
MAY_FAULT usercopy_raw.words, usercopy_raw.words_fixup
MAY_FAULT usercopy_raw.bytes, usercopy_raw.done
MAY_FAULT usercopy_raw.again, usercopy_raw.done

; size_t usercopy_clear(void *to, size_t n)
global usercopy_clear
align 16
usercopy_clear:
	mov rcx, rsi
	shr rcx, 3
	and esi, 7
	xor eax, eax
	OPEN
.words:
	rep stosq
	mov ecx, esi
.bytes:
	rep stosb
.done:
	CLOSE
	mov rax, rcx
	ret
.words_fixup:
	lea rcx, [rcx * 8 + rsi]
.again:
	rep stosb
	jmp .done
MAY_FAULT usercopy_clear.words, usercopy_clear.words_fixup
MAY_FAULT usercopy_clear.bytes, usercopy_clear.done
MAY_FAULT usercopy_clear.again, usercopy_clear.done

%define PAGE_BYTES 4096

; int64_t usercopy_string(char *to, const char *from, size_t size)
; By words up to the end of the page where the string begins, then by bytes: nothing behind the
; string's own last page is read.
global usercopy_string
align 16
usercopy_string:
	mov r8, rsi
	or r8, -PAGE_BYTES
	neg r8				; bytes up to the page's end
	cmp r8, rdx
	cmova r8, rdx
	mov r9, -0x0101010101010101
	mov r10, 0x8080808080808080
	xor eax, eax
	OPEN
	sub r8, 8			; the last offset at which a word may begin
	jl .next
.word:
	mov rcx, [rsi + rax]
	mov [rdi + rax], rcx
	lea r11, [rcx + r9]
	not rcx
	and rcx, r11
	and rcx, r10			; the top bit of the first byte that is 0, and some above
	jnz .ends
	add rax, 8
	cmp rax, r8
	jle .word
.next:
	cmp rax, rdx
	je .done
.load:
	movzx ecx, byte [rsi + rax]
	mov [rdi + rax], cl
	test ecx, ecx
	jz .done
	inc rax
	jmp .next
.ends:
	bsf rcx, rcx
	shr ecx, 3
	add rax, rcx
	jmp .done
.fixup:
	mov rax, RESULT_FAULT
.done:
	CLOSE
	ret
MAY_FAULT usercopy_string.word, usercopy_string.fixup
MAY_FAULT usercopy_string.load, usercopy_string.fixup

; int usercopy_get_u32(uint32_t *to, const uint32_t *user)
global usercopy_get_u32
align 16
usercopy_get_u32:
	OPEN
.load:
	mov ecx, [rsi]
	CLOSE
	mov [rdi], ecx
	xor eax, eax
	ret
MAY_FAULT usercopy_get_u32.load, usercopy_fault

; int usercopy_get_u64(uint64_t *to, const uint64_t *user)
global usercopy_get_u64
align 16
usercopy_get_u64:
	OPEN
.load:
	mov rcx, [rsi]
	CLOSE
	mov [rdi], rcx
	xor eax, eax
	ret
MAY_FAULT usercopy_get_u64.load, usercopy_fault

; int usercopy_put_u32(uint32_t *user, uint32_t value)
global usercopy_put_u32
align 16
usercopy_put_u32:
	OPEN
.store:
	mov [rdi], esi
	CLOSE
	xor eax, eax
	ret
MAY_FAULT usercopy_put_u32.store, usercopy_fault

; int usercopy_put_u64(uint64_t *user, uint64_t value)
global usercopy_put_u64
align 16
usercopy_put_u64:
	OPEN
.store:
	mov [rdi], rsi
	CLOSE
	xor eax, eax
	ret
MAY_FAULT usercopy_put_u64.store, usercopy_fault

; int usercopy_cmpxchg_u32(uint32_t *user, uint32_t expected, uint32_t desired, uint32_t *found)
global usercopy_cmpxchg_u32
align 16
usercopy_cmpxchg_u32:
	mov eax, esi
	OPEN
.exchange:
	lock cmpxchg [rdi], edx
	CLOSE
	mov [rcx], eax
	xor eax, eax
	ret
MAY_FAULT usercopy_cmpxchg_u32.exchange, usercopy_fault

align 16
usercopy_fault:
	CLOSE
	mov eax, RESULT_FAULT
	ret
