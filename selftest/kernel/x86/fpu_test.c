/* SPDX-License-Identifier: BSD-2-Clause */
/* Signal-frame images that ring 3 has edited, and the state a new process gets. */
#include "kernel/lib/compiler.h"
#include "kernel/lib/string.h"

#include "kernel/x86/fpu.h"
#include "selftest/selftest.h"

#define AREA_MAX  8192
#define AT_MXCSR  24
#define AT_MAGIC1 464
#define AT_BV     512
#define AT_XCOMP  520
#define AT_RSVD   528

static __aligned(64) uint8_t area[AREA_MAX];
static __aligned(64) uint8_t image[AREA_MAX];

static uint64_t get64(const uint8_t *from, size_t at)
{
	uint64_t value;

	memcpy(&value, from + at, sizeof(value));
	return value;
}

static void put64(uint8_t *to, size_t at, uint64_t value)
{
	memcpy(to + at, &value, sizeof(value));
}

static uint32_t get32(const uint8_t *from, size_t at)
{
	return (uint32_t)get64(from, at);
}

static void fresh_image(void)
{
	uint32_t magic2 = FPU_FRAME_MAGIC2;

	fpu_init_state(area);
	fpu_restore(area);
	fpu_frame_save(area);
	memcpy(image, area, fpu_state_size());
	if (fpu_xcr0())
		memcpy(image + fpu_state_size(), &magic2, sizeof(magic2));
}

/* As the way back from a handler does: the image comes into the area, then it is looked at. */
static enum err parse(size_t size)
{
	uint32_t magic2 = 0;

	memset(area, 0xa5, sizeof(area));
	memcpy(area, image, size < fpu_state_size() ? size : fpu_state_size());
	if (fpu_xcr0() && size >= fpu_frame_size())
		magic2 = get32(image, fpu_state_size());
	return fpu_frame_accept(area, size, magic2);
}

SELFTEST(M6, 3, defaults_of_a_new_state)
{
	memset(area, 0xa5, sizeof(area));
	fpu_init_state(area);
	CHECK(fpu_state_size() >= 512 && fpu_frame_size() <= AREA_MAX);
	CHECK((get32(area, 0) & 0xffff) == 0x37f);
	CHECK(get32(area, AT_MXCSR) == 0x1f80);
	for (size_t i = 32; i < fpu_state_size(); i++)
		CHECK(area[i] == 0);
	CHECK(area[fpu_state_size()] == 0xa5);
	return true;
}

SELFTEST(M6, 5, image_round_trip)
{
	fresh_image();
	CHECK(parse(fpu_frame_size()) == OK);
	CHECK(get32(area, AT_MXCSR) == 0x1f80);
	if (fpu_xcr0()) {
		CHECK(get32(image, AT_MAGIC1) == FPU_FRAME_MAGIC1);
		CHECK(get32(image, AT_MAGIC1 + 4) == fpu_frame_size());
		CHECK(get64(image, AT_MAGIC1 + 8) == fpu_xcr0());
	}
	fpu_restore(area);
	return true;
}

SELFTEST(M6, 5, hostile_header_refused)
{
	if (!fpu_xcr0()) {
		fresh_image();
		CHECK(parse(511) == ERR_INVAL);
		return true;
	}
	fresh_image();
	put64(image, AT_BV, 1ull << 62);
	CHECK(parse(fpu_frame_size()) == ERR_INVAL);
	fresh_image();
	put64(image, AT_BV, fpu_xcr0() + 1 + (fpu_xcr0() & 0xe0));
	CHECK(parse(fpu_frame_size()) == ERR_INVAL);
	fresh_image();
	put64(image, AT_XCOMP, 1ull << 63);
	CHECK(parse(fpu_frame_size()) == ERR_INVAL);
	for (size_t at = AT_RSVD; at < 576; at += 8) {
		fresh_image();
		put64(image, at, 1);
		CHECK(parse(fpu_frame_size()) == ERR_INVAL);
	}
	fresh_image();
	put64(image, AT_BV, fpu_xcr0());
	CHECK(parse(fpu_frame_size()) == OK);
	return true;
}

/* Loading what was cleaned is the proof: a reserved bit would be a #GP in ring 0. */
SELFTEST(M6, 5, mxcsr_masked)
{
	uint32_t all = 0xffffffff;

	fresh_image();
	memcpy(image + AT_MXCSR, &all, sizeof(all));
	CHECK(parse(fpu_frame_size()) == OK);
	CHECK(!(get32(area, AT_MXCSR) & 0xffff0000));
	fpu_restore(area);
	fpu_init_state(area);
	fpu_restore(area);
	return true;
}

/* Without the magics only the 512 bytes of FXSAVE count: what stands behind them is nobody's. */
SELFTEST(M6, 5, image_without_magic)
{
	fresh_image();
	memset(image + AT_MAGIC1, 0, 4);
	memset(image + 576, 0xee, AREA_MAX - 576);
	memset(image + AT_RSVD, 0xff, 8);
	CHECK(parse(fpu_frame_size()) == OK);
	for (size_t i = 576; i < fpu_state_size(); i++)
		CHECK(area[i] == 0);
	fpu_restore(area);
	CHECK(parse(511) == ERR_INVAL);
	fpu_init_state(area);
	fpu_restore(area);
	return true;
}
