/* SPDX-License-Identifier: BSD-2-Clause */
/* Glyphs, the frame buffer, and what the renderer leaves out. */
#include "drv/screen/log_line.h"
#include "drv/screen/render.h"
#include "tests/unit/check.h"

#define COLS 10
#define ROWS 3

static struct vt vt;
static struct fb fb;
static struct render render;
static struct cell grids[3][COLS * ROWS];
static uint8_t *pixels;

static const struct boot_framebuffer shape = {
	.phys = 1,
	.width = COLS * 8 + 3,
	.height = ROWS * 16 + 5,
	.pitch = 512,
	.bits_per_pixel = 32,
	.red = {16, 8},
	.green = {8, 8},
	.blue = {0, 8},
};

static void begin(unsigned bits)
{
	struct boot_framebuffer wanted = shape;
	uint64_t size;

	wanted.bits_per_pixel = bits;
	if (bits == 16)
		wanted.red = (struct boot_channel){11, 5},
		wanted.green = (struct boot_channel){5, 6},
		wanted.blue = (struct boot_channel){0, 5};
	CHECK_EQ(fb_check(&wanted, &size), OK);
	pixels = realloc(pixels, size);
	memset(pixels, 0xee, size);
	fb_init(&fb, &wanted, pixels);
	vt_init(&vt, COLS, ROWS, grids[0], grids[1]);
	render_init(&render, &vt, &fb, grids[2]);
}

static void out(const char *text)
{
	vt_write(&vt, (const uint8_t *)text, strlen(text));
	render_all(&render);
}

static uint32_t pixel(unsigned x, unsigned y)
{
	uint32_t value = 0;

	memcpy(&value, pixels + y * fb.pitch + x * fb.pixel_bytes, fb.pixel_bytes);
	return value;
}

static void test_pixels(void)
{
	uint8_t rows[FONT_HEIGHT];

	font_column('A', false, 0, rows);
	for (unsigned bits = 16; bits <= 32; bits += 8) {
		uint32_t red = bits == 16 ? 0xa800 : 0xaa0000,
			 grey = bits == 16 ? 0xad55 : 0xaaaaaa;

		begin(bits);
		out("\033[41mA\033[m");
		for (unsigned y = 0; y < 16; y++)
			for (unsigned x = 0; x < 8; x++)
				CHECK_EQ(pixel(x, y), rows[y] & 0x80u >> x ? grey : red);
		CHECK_EQ(pixel(20, 8), 0);
		CHECK_EQ(pixel(82, 52), 0);            /* the margin is black */
		CHECK_EQ(pixels[bits / 8 * 83], 0xee); /* and nothing behind it is touched */
	}
	begin(32);
	out("\033[7;4m \033[m");
	CHECK_EQ(pixel(0, 0), 0xaaaaaa);
	CHECK_EQ(pixel(0, 14), 0); /* the underline, reversed */
}

/* A large screen has glyphs of two times two pixels. */
static void test_scale(void)
{
	struct boot_framebuffer wanted = shape;
	uint8_t rows[FONT_HEIGHT];
	uint64_t size;

	wanted.width = 2560;
	wanted.height = 2 * ROWS * 16;
	wanted.pitch = 4 * 2560;
	CHECK_EQ(fb_check(&wanted, &size), OK);
	pixels = realloc(pixels, size);
	fb_init(&fb, &wanted, pixels);
	CHECK(fb.cols == 160 && fb.rows == ROWS);
	vt_init(&vt, COLS, ROWS, grids[0], grids[1]);
	render_init(&render, &vt, &fb, grids[2]);
	out("\r\n\033[?25l\033[31mA");
	font_column('A', false, 0, rows);
	for (unsigned y = 0; y < 32; y++)
		for (unsigned x = 0; x < 16; x++)
			CHECK_EQ(pixel(x, 32 + y), rows[y / 2] & 0x80u >> x / 2 ? 0xaa0000 : 0);
	CHECK_EQ(pixel(2559, 95), 0);
	wanted.width = 8192; /* and as low as can be */
	wanted.height = 32;
	wanted.pitch = 4 * 8192;
	CHECK_EQ(fb_check(&wanted, &size), OK);
	fb_init(&fb, &wanted, pixels);
	CHECK(fb.scale == 1 && fb.rows == 2 && fb.cols == 1024);
}

static void test_only_changes_are_painted(void)
{
	uint64_t before;

	begin(32);
	out("one"); /* and the cursor; the rest is black as it is */
	CHECK_EQ(render.painted, 4);
	before = render.painted;
	out("");
	CHECK_EQ(render.painted, before);
	out("!"); /* the character, and the cursor where it went */
	CHECK_EQ(render.painted, before + 2);
	before = render.painted;
	out("\033[?25l");
	CHECK_EQ(render.painted, before + 1);
	before = render.painted;
	out("\033[2J\033[Hone!"); /* the same again */
	CHECK_EQ(render.painted, before);
	out("\r\n2\r\n3");
	before = render.painted;
	for (unsigned i = 0; i < 1000; i++)
		vt_write(&vt, (const uint8_t *)"\r\nx", 3);
	render_all(&render);
	CHECK(render.painted <= before + COLS * ROWS); /* a thousand lines cost one screen */
}

static void test_reversed_screen_and_cursor(void)
{
	begin(32);
	out("\033[?5h");
	CHECK_EQ(pixel(20, 8), 0xaaaaaa);
	CHECK_EQ(pixel(1, 1), 0); /* the cursor */
	out("\033[?5l");
	CHECK_EQ(pixel(20, 8), 0);
	CHECK_EQ(pixel(1, 1), 0xaaaaaa);
}

static void test_glyphs(void)
{
	uint8_t box[FONT_HEIGHT], left[FONT_HEIGHT], right[FONT_HEIGHT], rows[FONT_HEIGHT];

	font_column(0x2588, false, 0, rows);
	for (unsigned y = 0; y < FONT_HEIGHT; y++)
		CHECK_EQ(rows[y], 0xff); /* FULL BLOCK */
	font_column(0xfffd, false, 0, box);
	font_column(0x10ffff, false, 0, rows);
	CHECK(memcmp(box, rows, sizeof(rows)) == 0);
	font_column(0x3042, true, 0, left);
	font_column(0x3042, true, 1, right);
	CHECK(memcmp(left, right, sizeof(left)) != 0);
	font_column(0x4e00, true, 0, left);
	font_column(0x9fff, true, 0, right);
	CHECK(memcmp(left, right, sizeof(left)) == 0); /* ideographs are boxes */
}

static bool coloured(const char *line, const char *wanted)
{
	uint8_t to[LOG_LINE_COLOURED_MAX];
	size_t len = log_line_colour(line, strlen(line), to);

	return len == strlen(wanted) && memcmp(to, wanted, len) == 0;
}

static void test_log_lines(void)
{
	uint8_t to[LOG_LINE_COLOURED_MAX];
	char line[1000];

	CHECK(coloured("[    0.1] I fs: here\n", "\033[90m[    0.1]\033[m I fs: here\033[m\r\n"));
	CHECK(coloured("[    0.1] E fs: bad\n",
		       "\033[90m[    0.1]\033[m\033[1;31m E fs: bad\033[m\r\n"));
	CHECK(coloured("[    0.1] I a: [ OK ] M1\n",
		       "\033[90m[    0.1]\033[m I a: \033[1;32m[ OK ]\033[m M1\033[m\r\n"));
	CHECK(coloured("", "\033[90m\033[m\033[m"));
	memset(line, ']', sizeof(line));
	line[sizeof(line) - 1] = '\n';
	CHECK_EQ(log_line_colour(line, sizeof(line), to), LOG_LINE_COLOURED_MAX - 1);
	CHECK(memcmp(to + LOG_LINE_COLOURED_MAX - 6, "\033[m\r\n", 5) == 0);
}

int main(void)
{
	test_pixels();
	test_scale();
	test_only_changes_are_painted();
	test_reversed_screen_and_cursor();
	test_glyphs();
	test_log_lines();
	free(pixels);
	return check_done("screen");
}
