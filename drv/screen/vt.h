/* SPDX-License-Identifier: BSD-2-Clause */
#pragma once
/*
 * A terminal like Linux's console (TERM=linux), as a state machine over bytes: UTF-8 and escape
 * sequences in, a grid of cells out. Pure: no locks, no devices, no allocation. Whatever comes in,
 * it stays within the grid, and each byte costs at most one pass over it. The caller's lock guards
 * it.
 */
#include "drv/screen/cell.h"
#include "drv/screen/utf8.h"

#define VT_COLS_MIN 4u
#define VT_ROWS_MIN 2u
#define VT_COLS_MAX 1024u
#define VT_ROWS_MAX 512u

#define VT_PARAMS_MAX 16u    /* further ones are ignored */
#define VT_PARAM_MAX  32767u /* larger values count as this */
#define VT_ANSWER_MAX 64u

enum vt_state {
	VT_GROUND,
	VT_ESCAPE,       /* ESC came */
	VT_DESIGNATE,    /* ESC and an intermediate: one byte to come */
	VT_CSI,          /* ESC [ came: parameters */
	VT_CSI_IGNORE,   /* one that is not known: until its final byte */
	VT_FUNCTION_KEY, /* ESC [ [ came, the echo of a function key: one byte to come */
	VT_STRING,       /* OSC, DCS and the like: until BEL, ESC or the end of the line */
	VT_STRING_FIRST, /* the first byte of an OSC: Linux has two without an end */
	VT_PALETTE,      /* ESC ] P: seven digits */
};

enum vt_mode {
	VT_AUTOWRAP = 0x01,
	VT_ORIGIN = 0x02, /* rows count from the scroll region's top */
	VT_INSERT = 0x04,
	VT_NEWLINE = 0x08,    /* a line feed returns the carriage too */
	VT_CURSOR = 0x10,     /* the cursor is shown */
	VT_APP_CURSOR = 0x20, /* arrow keys send ESC O */
	VT_REVERSED = 0x40,   /* the whole screen */
	VT_ALTERNATE = 0x80,  /* the second grid is shown */
};

/* What ESC 7 keeps. */
struct vt_cursor {
	uint16_t x, y;
	bool wrap;       /* the last column is filled: the next character goes to a new line */
	uint8_t shift;   /* 0: G0, 1: G1 */
	bool graphic[2]; /* line drawing in G0, G1 */
	struct cell pen; /* colours and flags of what is written */
};

/* Where in a sequence or a character the next byte stands. */
struct vt_parser {
	uint8_t state;      /* enum vt_state */
	uint8_t marker;     /* '?' and the like in front of parameters, or 0 */
	uint8_t designated; /* the intermediate of VT_DESIGNATE; digits left of VT_PALETTE */
	uint8_t param_count;
	uint16_t params[VT_PARAMS_MAX];
	struct utf8 utf8;
};

struct vt_grid {
	struct cell *cells;         /* @cols * @rows */
	uint16_t line[VT_ROWS_MAX]; /* which of the cells' rows shows at y: a permutation */
};

struct vt {
	uint16_t cols, rows;
	struct vt_grid grids[2]; /* main, alternate */
	struct vt_cursor cursor;
	struct vt_cursor saved[2]; /* of each grid */
	uint16_t top, bottom;      /* the scroll region: top <= y < bottom */
	uint8_t modes;             /* enum vt_mode */
	struct vt_parser parser;
	uint8_t tabs[VT_COLS_MAX / 8];
	uint8_t dirty[VT_ROWS_MAX];    /* rows that were changed since somebody cleared this */
	uint8_t answer[VT_ANSWER_MAX]; /* what the terminal answers to a query, for its input */
	uint32_t answer_len;
};

/**
 * A terminal of @cols by @rows (within the bounds above), all blank. @main and @alternate: memory
 * for @cols * @rows cells each.
 */
void vt_init(struct vt *vt, uint16_t cols, uint16_t rows, struct cell *main,
	     struct cell *alternate);

/** Take output. Answers that find no room in vt->answer are lost; the caller empties it. */
void vt_write(struct vt *vt, const uint8_t *bytes, size_t len);

/**
 * Take lines of somebody else's, such as the log's: from a new line on, in plain colours, and what
 * the usual writer was in the middle of goes on as if nothing had been.
 */
void vt_write_aside(struct vt *vt, const uint8_t *bytes, size_t len);

/** The cells of the row that shows at @y, vt->cols of them. */
struct cell *vt_row(struct vt *vt, unsigned y);

/** Whether everything lies within its bounds: what always holds; for tests and before a panic. */
bool vt_sane(const struct vt *vt);
