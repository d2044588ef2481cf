/* SPDX-License-Identifier: BSD-2-Clause */
/* The screen's terminal: the first two bytes choose its size, the others are written to it. */
#include "drv/screen/render.h"
#include "tests/fuzz/fuzz.h"
#include "tests/unit/check.h"

static struct vt vt;
static struct fb fb;
static struct render render;

static const struct boot_framebuffer shape = {
	.phys = 1,
	.bits_per_pixel = 16,
	.red = {11, 5},
	.green = {5, 6},
	.blue = {0, 5},
};

/* On the heap, so that a step outside is seen. */
static void begin(struct boot_framebuffer wanted, struct cell *grids[3], void **pixels)
{
	uint16_t cols = (uint16_t)(wanted.width / FONT_WIDTH);
	uint16_t rows = (uint16_t)(wanted.height / FONT_HEIGHT);
	uint64_t size;

	CHECK_EQ(fb_check(&wanted, &size), OK);
	for (unsigned i = 0; i < 3; i++)
		grids[i] = malloc(sizeof(struct cell) * cols * rows);
	*pixels = malloc(size);
	fb_init(&fb, &wanted, *pixels);
	vt_init(&vt, cols, rows, grids[0], grids[1]);
	render_init(&render, &vt, &fb, grids[2]);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct boot_framebuffer wanted = shape;
	struct cell *grids[3];
	void *pixels;

	if (size < 2)
		return 0;
	wanted.width = 8 * (VT_COLS_MIN + data[0] % 20);
	wanted.height = 16 * (VT_ROWS_MIN + data[1] % 8);
	wanted.pitch = 2 * wanted.width;
	begin(wanted, grids, &pixels);
	for (size_t at = 2; at < size; at += 256) {
		vt_write(&vt, data + at, size - at < 256 ? size - at : 256);
		CHECK(vt_sane(&vt));
		vt.answer_len = 0;
	}
	render_all(&render);
	for (unsigned i = 0; i < 3; i++)
		free(grids[i]);
	free(pixels);
	return 0;
}
