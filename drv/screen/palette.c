/* SPDX-License-Identifier: BSD-2-Clause */
#include "drv/screen/palette.h"

#include "kernel/lib/bits.h"

#define CUBE_FIRST 16u
#define CUBE_SIDE  6u
#define GREY_FIRST 232u
#define GREY_COUNT 24u

/* Linux's default_red, default_grn, default_blu. */
static const uint32_t console[CUBE_FIRST] = {
	0x000000, 0xaa0000, 0x00aa00, 0xaa5500, 0x0000aa, 0xaa00aa, 0x00aaaa, 0xaaaaaa,
	0x555555, 0xff5555, 0x55ff55, 0xffff55, 0x5555ff, 0xff55ff, 0x55ffff, 0xffffff,
};

static uint32_t cube_level(unsigned step)
{
	return step ? 55 + 40 * step : 0;
}

static uint32_t grey_level(unsigned step)
{
	return 8 + 10 * step;
}

uint32_t palette_rgb(uint8_t colour)
{
	unsigned at = colour - CUBE_FIRST;

	if (colour < CUBE_FIRST)
		return console[colour];
	if (colour >= GREY_FIRST)
		return grey_level(colour - GREY_FIRST) * 0x010101u;
	return cube_level(at / (CUBE_SIDE * CUBE_SIDE)) << 16 |
	       cube_level(at / CUBE_SIDE % CUBE_SIDE) << 8 | cube_level(at % CUBE_SIDE);
}

static unsigned nearest_step(unsigned level)
{
	return level < 48 ? 0 : level < 115 ? 1 : (level - 35) / 40;
}

static unsigned square(unsigned a, unsigned b)
{
	return a > b ? (a - b) * (a - b) : (b - a) * (b - a);
}

uint8_t palette_nearest(unsigned red, unsigned green, unsigned blue)
{
	unsigned level[3] = {MIN(red, 255u), MIN(green, 255u), MIN(blue, 255u)};
	unsigned mean = (level[0] + level[1] + level[2]) / 3;
	unsigned grey = MIN(mean < 3 ? 0 : (mean - 3) / 10, GREY_COUNT - 1);
	unsigned cube = 0, cube_error = 0, grey_error = 0;

	for (unsigned i = 0; i < 3; i++) {
		unsigned step = nearest_step(level[i]);

		cube = cube * CUBE_SIDE + step;
		cube_error += square(level[i], cube_level(step));
		grey_error += square(level[i], grey_level(grey));
	}
	return (uint8_t)(grey_error < cube_error ? GREY_FIRST + grey : CUBE_FIRST + cube);
}
