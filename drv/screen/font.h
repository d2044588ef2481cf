/* SPDX-License-Identifier: BSD-2-Clause */
#pragma once
/* Glyphs: GRUB's copy of GNU Unifont as tables in the kernel's read-only data. Pure. */
#include "kernel/lib/types.h"

#define FONT_WIDTH  8u
#define FONT_HEIGHT 16u

/**
 * The pixels of one column of a character: FONT_HEIGHT bytes into @rows, bit 7 leftmost.
 *
 * @column: 0, or 1 for the right half of a wide one (@wide). A character without a glyph is a box.
 */
void font_column(uint32_t code, bool wide, unsigned column, uint8_t rows[FONT_HEIGHT]);
