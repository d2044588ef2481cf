; SPDX-License-Identifier: BSD-2-Clause
;
; Ring-3 code that fills and reads back the vector registers. Never run by the kernel: these are
; bytes for a user page. RDI = the stack page: 512 bytes to fill from, at 1024 the YMM
; registers read back, at 2048 an FXSAVE image.

bits 64
default rel

section .selftest.blob progbits alloc noexec nowrite align=16

global vectors_fill_sse, vectors_fill_sse_end
vectors_fill_sse:
	fld1
	fldpi
	ldmxcsr [rdi + 512]
%assign i 0
%rep 16
	movdqu xmm %+ i, [rdi + 32 * i]
	%assign i i + 1
%endrep
	fxsave64 [rdi + 2048]
	ud2
vectors_fill_sse_end:

global vectors_fill_avx, vectors_fill_avx_end
vectors_fill_avx:
	fld1
	fldpi
	ldmxcsr [rdi + 512]
%assign i 0
%rep 16
	vmovdqu ymm %+ i, [rdi + 32 * i]
	%assign i i + 1
%endrep
	fxsave64 [rdi + 2048]
	ud2
vectors_fill_avx_end:

global vectors_read_sse, vectors_read_sse_end
vectors_read_sse:
	fxsave64 [rdi + 2048]
	ud2
vectors_read_sse_end:

global vectors_read_avx, vectors_read_avx_end
vectors_read_avx:
%assign i 0
%rep 16
	vmovdqu [rdi + 1024 + 32 * i], ymm %+ i
	%assign i i + 1
%endrep
	fxsave64 [rdi + 2048]
	ud2
vectors_read_avx_end:
