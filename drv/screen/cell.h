/* SPDX-License-Identifier: BSD-2-Clause */
#pragma once
/* One place of the screen's grid. */
#include "kernel/lib/types.h"

#define CELL_BOLD      0x01u
#define CELL_DIM       0x02u
#define CELL_UNDERLINE 0x04u
#define CELL_REVERSE   0x08u
#define CELL_WIDE      0x10u /* the left half of a character of two columns */
#define CELL_TAIL      0x20u /* its right half; the code is the same */

#define CELL_FOREGROUND 7u
#define CELL_BACKGROUND 0u

struct cell {
	uint32_t code;      /* a character that takes one or two columns */
	uint8_t foreground; /* of the 256 colours of palette.h */
	uint8_t background;
	uint8_t flags;    /* CELL_… */
	uint8_t reserved; /* zero: cells are compared as bytes */
};
static_assert(sizeof(struct cell) == 8, "compared in one step");
