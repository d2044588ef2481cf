/* SPDX-License-Identifier: BSD-2-Clause */
#pragma once
/* The 256 colours: Linux's 16, a cube of 6 x 6 x 6, and 24 greys, as in xterm. Pure. */
#include "kernel/lib/types.h"

#define PALETTE_COLOURS 256u

/** Red, green and blue of a colour: 0xrrggbb. */
uint32_t palette_rgb(uint8_t colour);

/** The colour of the cube or the greys that is nearest to red, green and blue, each cut to 255. */
uint8_t palette_nearest(unsigned red, unsigned green, unsigned blue);
