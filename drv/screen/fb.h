/* SPDX-License-Identifier: BSD-2-Clause */
#pragma once
/*
 * A frame buffer: what a loader says of it, judged, and columns of glyphs painted into it. It is
 * only written, never read: reading such memory is a hundred times slower. Pure.
 */
#include "kernel/lib/errors.h"
#include "kernel/lib/types.h"

#include "drv/screen/cell.h"
#include "drv/screen/font.h"
#include "drv/screen/palette.h"
#include "kernel/core/framebuffer.h"

#define FB_SCALE_MAX 4u

struct fb {
	uint8_t *base;
	uint32_t width, height;          /* pixels */
	uint32_t pitch;                  /* bytes from line to line */
	uint32_t pixel_bytes;            /* 2, 3 or 4 */
	uint32_t scale;                  /* each pixel of a glyph becomes scale times scale */
	uint16_t cols, rows;             /* of text */
	uint32_t pixel[PALETTE_COLOURS]; /* each colour as this buffer wants it */
};

/**
 * Judge what the loader says.
 *
 * @size: how many bytes the buffer has.
 * Return: OK; ERR_NODEV for none at all; ERR_INVAL for one that is too small, too large or does not
 * fit together.
 */
enum err fb_check(const struct boot_framebuffer *wanted, uint64_t *size);

/** Begin with a buffer that fb_check() has passed and that is mapped at @base. */
void fb_init(struct fb *fb, const struct boot_framebuffer *wanted, void *base);

/** Paint one cell at column @x and row @y of the text, both within the buffer. */
void fb_paint(struct fb *fb, unsigned x, unsigned y, const struct cell *cell);

/** Paint all of it black. */
void fb_clear(struct fb *fb);
