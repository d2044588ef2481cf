/* SPDX-License-Identifier: BSD-2-Clause */
#include "kernel/x86/fpu.h"

#include "kernel/lib/assert.h"
#include "kernel/lib/string.h"

#include "kernel/x86/cpu.h"

#define XCR0_X87    BIT(0)
#define XCR0_SSE    BIT(1)
#define XCR0_AVX    BIT(2)
#define XCR0_AVX512 (BIT(5) | BIT(6) | BIT(7))

#define HEADER_SIZE   64u
#define FCW_DEFAULT   0x37f
#define MXCSR_DEFAULT 0x1f80u

/* SDM vol 1, table 13-1 and 13.4.2. */
struct xstate {
	uint16_t fcw, fsw;
	uint8_t ftw, reserved0;
	uint16_t fop;
	uint64_t fip, fdp;
	uint32_t mxcsr, mxcsr_mask;
	uint8_t registers[384];
	uint8_t reserved1[48];
	struct {
		uint32_t magic1, extended_size;
		uint64_t xfeatures;
		uint32_t xstate_size, reserved[7];
	} sw; /* bytes 464-511: the CPU leaves them alone */
	uint64_t xstate_bv, xcomp_bv, reserved2[6];
};
static_assert(offsetof(struct xstate, mxcsr) == 24, "SDM vol 1, table 10-2");
static_assert(offsetof(struct xstate, sw) == 464, "ABI of the signal frame");
static_assert(offsetof(struct xstate, xstate_bv) == FPU_LEGACY_SIZE, "SDM vol 1, 13.4.2");

enum save_kind { SAVE_FXSAVE, SAVE_XSAVE, SAVE_XSAVEOPT };

static __ro_after_init uint64_t xcr0;
static __ro_after_init uint32_t state_size = FPU_LEGACY_SIZE;
static __ro_after_init uint32_t mxcsr_mask = 0xffbf;
static __ro_after_init enum save_kind save_kind;

static void xsetbv(uint64_t value)
{
	__asm__ volatile("xsetbv" : : "c"(0), "a"((uint32_t)value), "d"((uint32_t)(value >> 32)));
}

static uint64_t xcr0_choose(void)
{
	struct cpuid_regs r = cpuid(0xd, 0);
	uint64_t offered = (uint64_t)r.edx << 32 | r.eax;
	uint64_t value = XCR0_X87 | XCR0_SSE;

	if (cpu_has(CPU_AVX) && offered & XCR0_AVX)
		value |= XCR0_AVX;
	if (value & XCR0_AVX && cpu_has(CPU_AVX512F) && (offered & XCR0_AVX512) == XCR0_AVX512)
		value |= XCR0_AVX512;
	return value;
}

static __noinline void mxcsr_mask_read(void)
{
	struct xstate probe __aligned(16) = {0};

	__asm__ volatile("fxsave64 %0" : "=m"(probe));
	/* 0 means the default mask: SDM vol 1, 11.6.6. */
	if (probe.mxcsr_mask)
		mxcsr_mask = probe.mxcsr_mask;
}

void fpu_init(void)
{
	if (cpu_has(CPU_XSAVE)) {
		xcr0 = xcr0_choose();
		xsetbv(xcr0);
		/* EBX: bytes for what XCR0 enables now. */
		state_size = cpuid(0xd, 0).ebx;
		save_kind = cpu_has(CPU_XSAVEOPT) ? SAVE_XSAVEOPT : SAVE_XSAVE;
	}
	mxcsr_mask_read();
}

void fpu_init_cpu(void)
{
	uint32_t mxcsr = MXCSR_DEFAULT;

	if (cpu_has(CPU_XSAVE))
		xsetbv(xcr0);
	__asm__ volatile("fninit; ldmxcsr %0" : : "m"(mxcsr));
}

size_t fpu_state_size(void)
{
	return state_size;
}

uint64_t fpu_xcr0(void)
{
	return xcr0;
}

void fpu_init_state(void *area)
{
	struct xstate *state = area;

	memset(state, 0, state_size);
	state->fcw = FCW_DEFAULT;
	state->mxcsr = MXCSR_DEFAULT;
	state->mxcsr_mask = mxcsr_mask;
}

void fpu_save(void *area)
{
	uint32_t low = (uint32_t)xcr0;
	uint32_t high = (uint32_t)(xcr0 >> 32);

	ASSERT(!((uint64_t)area & (FPU_ALIGN - 1)));
	if (likely(save_kind == SAVE_XSAVEOPT))
		__asm__ volatile("xsaveopt64 (%0)" : : "r"(area), "a"(low), "d"(high) : "memory");
	else if (save_kind == SAVE_XSAVE)
		__asm__ volatile("xsave64 (%0)" : : "r"(area), "a"(low), "d"(high) : "memory");
	else
		__asm__ volatile("fxsave64 (%0)" : : "r"(area) : "memory");
}

void fpu_restore(const void *area)
{
	if (likely(save_kind != SAVE_FXSAVE))
		__asm__ volatile("xrstor64 (%0)"
				 :
				 : "r"(area), "a"((uint32_t)xcr0), "d"((uint32_t)(xcr0 >> 32))
				 : "memory");
	else
		__asm__ volatile("fxrstor64 (%0)" : : "r"(area) : "memory");
}

uint32_t fpu_exceptions(bool simd)
{
	uint16_t status, control;
	uint32_t mxcsr;

	if (simd) {
		__asm__ volatile("stmxcsr %0" : "=m"(mxcsr));
		return mxcsr & ~(mxcsr >> 7) & 0x3f;
	}
	__asm__ volatile("fnstsw %0; fnstcw %1" : "=m"(status), "=m"(control));
	return status & ~(uint32_t)control & 0x3f;
}

size_t fpu_frame_size(void)
{
	return state_size + (xcr0 ? sizeof(uint32_t) : 0);
}

void fpu_frame_save(void *area)
{
	struct xstate *state = area;

	if (!xcr0) {
		fpu_save(area);
		memset(&state->sw, 0, sizeof(state->sw));
		return;
	}
	/* Plain XSAVE: the optimised one leaves the bytes of unused parts as they were. */
	__asm__ volatile("xsave64 (%0)"
			 :
			 : "r"(area), "a"((uint32_t)xcr0), "d"((uint32_t)(xcr0 >> 32))
			 : "memory");
	state->sw.magic1 = FPU_FRAME_MAGIC1;
	state->sw.extended_size = state_size + (uint32_t)sizeof(uint32_t);
	state->sw.xfeatures = xcr0;
	state->sw.xstate_size = state_size;
}

void fpu_area_discard(void *area)
{
	/* The header's reserved bytes are not written by any XSAVE. */
	fpu_init_state(area);
	fpu_frame_save(area);
}

/* Whether the image says, in both places, that the whole state is there. */
static bool frame_extended(const struct xstate *state, size_t size, uint32_t magic2)
{
	return xcr0 && size >= state_size && magic2 == FPU_FRAME_MAGIC2 &&
	       state->sw.magic1 == FPU_FRAME_MAGIC1 && state->sw.xstate_size == state_size &&
	       state->sw.extended_size >= state->sw.xstate_size;
}

static bool header_valid(const struct xstate *state)
{
	const uint64_t *r = state->reserved2;

	return !(state->xcomp_bv | (state->xstate_bv & ~xcr0) | r[0] | r[1] | r[2] | r[3] | r[4] |
		 r[5]);
}

enum err fpu_frame_accept(void *area, size_t size, uint32_t magic2)
{
	struct xstate *state = area;

	if (size < FPU_LEGACY_SIZE)
		return ERR_INVAL;
	if (likely(frame_extended(state, size, magic2))) {
		if (!header_valid(state))
			return ERR_INVAL;
	} else if (xcr0) {
		memset(&state->xstate_bv, 0, state_size - FPU_LEGACY_SIZE);
		state->xstate_bv = XCR0_X87 | XCR0_SSE;
	}
	/* A reserved bit would be a #GP in ring 0 when it is loaded. */
	state->mxcsr &= mxcsr_mask;
	return OK;
}
