/* SPDX-License-Identifier: BSD-2-Clause */
#pragma once
/*
 * x87, SSE and AVX state: saved and loaded eagerly at each context switch (SDM vol 1, 13), by
 * XSAVEOPT, XSAVE or FXSAVE. An area has fpu_state_size() bytes and FPU_ALIGN alignment.
 * The kernel itself never uses these registers.
 */
#include "kernel/lib/compiler.h"
#include "kernel/lib/errors.h"
#include "kernel/lib/types.h"

#define FPU_ALIGN 64
/* What FXSAVE writes; the least that a frame must hold. */
#define FPU_LEGACY_SIZE 512u

/* Decides XCR0 and sizes for all CPUs. Context: boot, CPU 0, before fpu_init_cpu(). */
void fpu_init(void);
/* Enables the units on this CPU. */
void fpu_init_cpu(void);
/* 512 with FXSAVE, 576 and more with XSAVE. */
size_t fpu_state_size(void);
/* XCR0 as set on every CPU; 0 without XSAVE. */
uint64_t fpu_xcr0(void);
/* Writes the architectural defaults; nothing of anybody's registers. Context: any. */
void fpu_init_state(void *area);
/* Registers to area; the registers stay. Context: the area's owner runs, no switch meanwhile. */
void fpu_save(void *area);
/* Area to registers. The area must come from fpu_save, fpu_init_state or fpu_frame_parse. */
void fpu_restore(const void *area);

/* Bits of both status words: SDM vol 1, 8.1.3 and 10.2.3. */
#define FPU_INVALID   0x01u
#define FPU_DENORMAL  0x02u
#define FPU_DIVIDE    0x04u
#define FPU_OVERFLOW  0x08u
#define FPU_UNDERFLOW 0x10u
#define FPU_PRECISION 0x20u
/* The unmasked exceptions that the registers of x87 (or of SSE) report. Context: a user thread. */
uint32_t fpu_exceptions(bool simd);

/*
 * The signal frame's image (ABI.md 6): state, sw_reserved at 464 with magic1, magic2 behind it.
 */
#define FPU_FRAME_MAGIC1 0x46505853u
#define FPU_FRAME_MAGIC2 0x46505845u
/* Bytes of the image with magic2. */
size_t fpu_frame_size(void);
/*
 * Registers to area, as the image but for magic2: parts that were never used hold their defaults,
 * too. It stays an area for fpu_restore. Context: as fpu_save.
 */
void fpu_frame_save(void *area);
/*
 * Makes an area of what ring 3 may have edited: `size` bytes of an image (magic2 apart, 0 if
 * absent) stand in `area`. State bits beyond XCR0, a compacted or reserved header give ERR_INVAL;
 * reserved MXCSR bits are cleared. Missing magics = only the 512 FXSAVE bytes count. Return: OK
 * with `area` safe to load; else it must not be loaded. Context: nothing may switch from the first
 * byte that came into a running thread's area until fpu_restore, or fpu_area_discard.
 */
enum err fpu_frame_accept(void *area, size_t size, uint32_t magic2);
/* A running thread's area holds anything: make it what the registers say. */
void fpu_area_discard(void *area);
