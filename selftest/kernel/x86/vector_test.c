/* SPDX-License-Identifier: BSD-2-Clause */
/* One thread fills every vector register, another looks for it, the first finds it again. */
#include "kernel/lib/compiler.h"
#include "kernel/lib/string.h"

#include "kernel/x86/cpu.h"
#include "kernel/x86/fpu.h"
#include "kernel/x86/percpu.h"
#include "kernel/x86/pte.h"
#include "mm/frame.h"
#include "selftest/kernel/x86/switch_test.h"
#include "selftest/kernel/x86/vectors.h"
#include "selftest/ring3.h"
#include "selftest/selftest.h"

#define AREA_MAX  8192
#define AT_MXCSR  512
#define AT_YMM    1024
#define AT_FXSAVE 2048
#define MXCSR_OWN 0x3f80u /* round down: not the default */

static __aligned(64) uint8_t areas[2][AREA_MAX];
static struct ring3 ring3;
static struct context home;
static struct flow other;
static uint8_t image[2][PAGE_SIZE];

static bool avx(void)
{
	return fpu_xcr0() & 4;
}

static uint8_t *page(void)
{
	return frame_virt(ring3.stack);
}

static bool run(const uint8_t *code, const uint8_t *end)
{
	struct trapframe regs = ring3_regs();

	regs.rdi = RING3_STACK;
	ring3_code(&ring3, 0, code, (size_t)(end - code));
	ring3_run(&ring3, &regs);
	return regs.vector == 6 && regs.rip == RING3_CODE + (uint64_t)(end - code) - 2;
}

static bool fill(void)
{
	uint32_t mxcsr = MXCSR_OWN;

	for (unsigned i = 0; i < 512; i++)
		page()[i] = (uint8_t)(0x40 + i * 7);
	memcpy(page() + AT_MXCSR, &mxcsr, sizeof(mxcsr));
	return avx() ? run(vectors_fill_avx, vectors_fill_avx_end)
		     : run(vectors_fill_sse, vectors_fill_sse_end);
}

/* What ring 3 can see of the registers, into *to. */
static bool read_back(uint8_t *to)
{
	bool ok;

	memset(page(), 0, PAGE_SIZE);
	ok = avx() ? run(vectors_read_avx, vectors_read_avx_end)
		   : run(vectors_read_sse, vectors_read_sse_end);
	memcpy(to, page(), PAGE_SIZE);
	return ok;
}

static bool other_ok;

static void look_around(void *arg)
{
	(void)arg;
	for (;;) {
		other_ok = read_back(image[1]);
		context_switch(&other.context, &home);
	}
}

/* Fills, switches away, lets the other look, switches back, looks itself. */
static bool fill_and_look(void)
{
	uint64_t flags = irq_save();
	bool ok;

	memset(&home, 0, sizeof(home));
	home.kernel_rsp = cpu_self()->kernel_rsp;
	home.canary = cpu_self()->canary;
	home.fpu = areas[0];
	other.context.fpu = areas[1];
	fpu_init_state(areas[0]);
	fpu_init_state(areas[1]);
	ok = fill();
	context_switch(&home, &other.context);
	ok = ok && read_back(image[0]);
	fpu_init_state(areas[0]);
	fpu_restore(areas[0]);
	irq_restore(flags);
	return ok && other_ok;
}

static bool exchange(void)
{
	bool ok = flow_open(&other, look_around, NULL);

	if (ok && ring3_open(&ring3)) {
		ok = fill_and_look();
		ring3_close(&ring3);
	} else {
		ok = false;
	}
	flow_close(&other);
	return ok;
}

static uint32_t get32(const uint8_t *from, size_t at)
{
	uint32_t value;

	memcpy(&value, from + at, sizeof(value));
	return value;
}

SELFTEST(M6, 2, vectors_are_not_seen_by_another_thread)
{
	CHECK(fpu_state_size() <= AREA_MAX);
	CHECK(exchange());
	/* x87 registers and XMM: bytes 32 to 415 of the FXSAVE image. */
	for (unsigned i = 32; i < 416; i++)
		CHECK(image[1][AT_FXSAVE + i] == 0);
	for (unsigned i = 0; avx() && i < 512; i++)
		CHECK(image[1][AT_YMM + i] == 0);
	CHECK((get32(image[1], AT_FXSAVE) & 0xffff) == 0x37f);
	CHECK(get32(image[1], AT_FXSAVE + 24) == 0x1f80);
	return true;
}

SELFTEST(M6, 2, vectors_come_back)
{
	CHECK(exchange());
	for (unsigned r = 0; r < 16; r++)
		for (unsigned i = 0; i < 16; i++)
			CHECK(image[0][AT_FXSAVE + 160 + 16 * r + i] ==
			      (uint8_t)(0x40 + (32 * r + i) * 7));
	for (unsigned i = 0; avx() && i < 512; i++)
		CHECK(image[0][AT_YMM + i] == (uint8_t)(0x40 + i * 7));
	CHECK(get32(image[0], AT_FXSAVE + 24) == MXCSR_OWN);
	/* Two values on the x87 stack: top of stack 6. */
	CHECK((image[0][AT_FXSAVE + 3] >> 3 & 7) == 6);
	return true;
}
