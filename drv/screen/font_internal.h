/* SPDX-License-Identifier: BSD-2-Clause */
#pragma once
/* The tables that drv/screen/font.py makes: codes ascending, glyphs in the same order. */
#include "drv/screen/font.h"

extern const uint16_t font_narrow_codes[];
extern const uint32_t font_narrow_count;
extern const uint8_t font_narrow_rows[][FONT_HEIGHT]; /* bit 7: the leftmost pixel */

extern const uint16_t font_wide_codes[];
extern const uint32_t font_wide_count;
extern const uint16_t font_wide_rows[][FONT_HEIGHT]; /* bit 15: the leftmost pixel */
