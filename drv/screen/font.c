/* SPDX-License-Identifier: BSD-2-Clause */
#include "drv/screen/font.h"

#include "kernel/lib/string.h"

#include "drv/screen/font_internal.h"

#define REPLACEMENT 0xfffdu
#define NOT_FOUND   UINT32_MAX

static uint32_t find(const uint16_t *codes, uint32_t count, uint32_t code)
{
	uint32_t low = 0, high = count;

	while (low < high) {
		uint32_t middle = low + (high - low) / 2;

		if (codes[middle] == code)
			return middle;
		if (codes[middle] < code)
			low = middle + 1;
		else
			high = middle;
	}
	return NOT_FOUND;
}

/* The frame of a box two columns wide. */
static void wide_box(unsigned column, uint8_t rows[FONT_HEIGHT])
{
	memset(rows, column ? 0x02 : 0x40, FONT_HEIGHT);
	rows[0] = rows[FONT_HEIGHT - 1] = 0;
	rows[1] = rows[FONT_HEIGHT - 2] = column ? 0xfe : 0x7f;
}

static void wide_column(uint32_t code, unsigned column, uint8_t rows[FONT_HEIGHT])
{
	uint32_t at = find(font_wide_codes, font_wide_count, code);

	if (at == NOT_FOUND) {
		wide_box(column, rows);
		return;
	}
	for (unsigned y = 0; y < FONT_HEIGHT; y++)
		rows[y] = (uint8_t)(font_wide_rows[at][y] >> (column ? 0 : 8));
}

void font_column(uint32_t code, bool wide, unsigned column, uint8_t rows[FONT_HEIGHT])
{
	uint32_t at;

	if (wide) {
		wide_column(code, column, rows);
		return;
	}
	at = find(font_narrow_codes, font_narrow_count, code);
	if (at == NOT_FOUND)
		at = find(font_narrow_codes, font_narrow_count, REPLACEMENT);
	if (at == NOT_FOUND)
		wide_box(0, rows);
	else
		memcpy(rows, font_narrow_rows[at], FONT_HEIGHT);
}
