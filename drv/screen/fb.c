/* SPDX-License-Identifier: BSD-2-Clause */
#include "drv/screen/fb.h"

#include "kernel/lib/bits.h"
#include "kernel/lib/overflow.h"
#include "kernel/lib/string.h"

#include "drv/screen/vt.h"

#define FB_BYTES_MAX (256ull << 20)
#define UNDERLINE_Y  (FONT_HEIGHT - 2)
#define LARGE_WIDTH  2560u

static bool channel_fits(struct boot_channel channel, uint32_t bits)
{
	return channel.bits >= 1 && channel.bits <= 8 && channel.bits + channel.shift <= bits;
}

enum err fb_check(const struct boot_framebuffer *wanted, uint64_t *size)
{
	uint32_t bits = wanted->bits_per_pixel;
	uint64_t bytes = (uint64_t)wanted->pitch * wanted->height, end;

	if (!wanted->phys)
		return ERR_NODEV;
	if (bits != 15 && bits != 16 && bits != 24 && bits != 32)
		return ERR_INVAL;
	if (wanted->width < VT_COLS_MIN * FONT_WIDTH || wanted->width > VT_COLS_MAX * FONT_WIDTH ||
	    wanted->height < VT_ROWS_MIN * FONT_HEIGHT ||
	    wanted->height > VT_ROWS_MAX * FONT_HEIGHT)
		return ERR_INVAL;
	if (wanted->pitch < wanted->width * ((bits + 7) / 8) || bytes > FB_BYTES_MAX ||
	    add_overflows(wanted->phys, bytes, &end))
		return ERR_INVAL;
	if (!channel_fits(wanted->red, bits) || !channel_fits(wanted->green, bits) ||
	    !channel_fits(wanted->blue, bits))
		return ERR_INVAL;
	*size = bytes;
	return OK;
}

static uint32_t channel_value(struct boot_channel channel, uint32_t level)
{
	return (level & 0xff) >> (8 - channel.bits) << channel.shift;
}

/* Screens with more pixels than some have smaller ones, not more room; two rows of text fit always.
 */
static uint32_t scale_of(const struct boot_framebuffer *wanted)
{
	uint32_t by_width = MIN(1 + wanted->width / LARGE_WIDTH, FB_SCALE_MAX);

	return MIN(by_width, wanted->height / (VT_ROWS_MIN * FONT_HEIGHT));
}

void fb_init(struct fb *fb, const struct boot_framebuffer *wanted, void *base)
{
	fb->base = base;
	fb->width = wanted->width;
	fb->height = wanted->height;
	fb->pitch = wanted->pitch;
	fb->pixel_bytes = (wanted->bits_per_pixel + 7) / 8;
	fb->scale = scale_of(wanted);
	fb->cols = (uint16_t)(fb->width / (FONT_WIDTH * fb->scale));
	fb->rows = (uint16_t)(fb->height / (FONT_HEIGHT * fb->scale));
	for (unsigned i = 0; i < PALETTE_COLOURS; i++) {
		uint32_t rgb = palette_rgb((uint8_t)i);

		fb->pixel[i] = channel_value(wanted->red, rgb >> 16) |
			       channel_value(wanted->green, rgb >> 8) |
			       channel_value(wanted->blue, rgb);
	}
}

/* Any alignment; without a call, which this dialect makes of memcpy. */
static inline void put_pair(uint8_t *at, uint64_t pair)
{
	__builtin_memcpy(at, &pair, sizeof(pair));
}

/* Two pixels a step: the four pairs are made once for a cell. */
static void paint_32(uint8_t *at, uint32_t pitch, const uint8_t *rows, uint32_t fore, uint32_t back)
{
	const uint64_t pairs[4] = {
		(uint64_t)back << 32 | back,
		(uint64_t)fore << 32 | back,
		(uint64_t)back << 32 | fore,
		(uint64_t)fore << 32 | fore,
	};

	for (unsigned y = 0; y < FONT_HEIGHT; y++, at += pitch) {
		put_pair(at, pairs[rows[y] >> 6]);
		put_pair(at + 8, pairs[rows[y] >> 4 & 3]);
		put_pair(at + 16, pairs[rows[y] >> 2 & 3]);
		put_pair(at + 24, pairs[rows[y] & 3]);
	}
}

/* One line of a glyph, lowest byte of a pixel first. Return: its bytes. */
static size_t scaled_line(const struct fb *fb, uint8_t *line, uint8_t bits, uint32_t fore,
			  uint32_t back)
{
	uint8_t *to = line;

	for (unsigned x = 0; x < FONT_WIDTH; x++) {
		uint32_t pixel = bits & 0x80u >> x ? fore : back;

		for (unsigned i = 0; i < fb->scale; i++)
			for (unsigned byte = 0; byte < fb->pixel_bytes; byte++)
				*to++ = (uint8_t)(pixel >> 8 * byte);
	}
	return (size_t)(to - line);
}

/* Any size of pixels; each of the glyph's becomes scale times scale. */
static void paint_scaled(const struct fb *fb, uint8_t *at, const uint8_t *rows, uint32_t fore,
			 uint32_t back)
{
	uint8_t line[FONT_WIDTH * sizeof(uint32_t) * FB_SCALE_MAX];

	for (unsigned y = 0; y < FONT_HEIGHT; y++) {
		size_t len = scaled_line(fb, line, rows[y], fore, back);

		for (unsigned i = 0; i < fb->scale; i++, at += fb->pitch)
			memcpy(at, line, len);
	}
}

/* Linux shows bold as the bright colour of the eight, and dim as dark grey. */
static uint8_t shown_foreground(const struct cell *cell)
{
	if (cell->flags & CELL_BOLD && cell->foreground < 8)
		return cell->foreground + 8;
	if (cell->flags & CELL_DIM && cell->foreground == CELL_FOREGROUND)
		return 8;
	return cell->foreground;
}

void fb_paint(struct fb *fb, unsigned x, unsigned y, const struct cell *cell)
{
	uint8_t *at = fb->base + (size_t)y * FONT_HEIGHT * fb->scale * fb->pitch +
		      (size_t)x * FONT_WIDTH * fb->scale * fb->pixel_bytes;
	uint32_t fore = fb->pixel[shown_foreground(cell)], back = fb->pixel[cell->background];
	uint8_t rows[FONT_HEIGHT];

	font_column(cell->code, cell->flags & (CELL_WIDE | CELL_TAIL), cell->flags & CELL_TAIL,
		    rows);
	if (cell->flags & CELL_UNDERLINE)
		rows[UNDERLINE_Y] = 0xff;
	if (cell->flags & CELL_REVERSE)
		for (unsigned i = 0; i < FONT_HEIGHT; i++)
			rows[i] ^= 0xff;
	if (fb->pixel_bytes == 4 && fb->scale == 1)
		paint_32(at, fb->pitch, rows, fore, back);
	else
		paint_scaled(fb, at, rows, fore, back);
}

void fb_clear(struct fb *fb)
{
	for (uint32_t y = 0; y < fb->height; y++)
		memset(fb->base + (size_t)y * fb->pitch, 0, (size_t)fb->width * fb->pixel_bytes);
}
