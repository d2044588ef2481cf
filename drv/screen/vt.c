/* SPDX-License-Identifier: BSD-2-Clause */
#include "drv/screen/vt.h"

#include "kernel/lib/bits.h"
#include "kernel/lib/string.h"

#include "drv/screen/vt_internal.h"

const struct vt_cursor vt_first_cursor = {
	.graphic = {false, true},
	.pen = {.code = ' ', .foreground = CELL_FOREGROUND, .background = CELL_BACKGROUND},
};

void vt_reset(struct vt *vt)
{
	vt->cursor = vt->saved[0] = vt->saved[1] = vt_first_cursor;
	vt->modes = VT_AUTOWRAP | VT_CURSOR;
	vt->top = 0;
	vt->bottom = vt->rows;
	vt->parser = (struct vt_parser){.state = VT_GROUND};
	memset(vt->tabs, 1, sizeof(vt->tabs)); /* every eighth column */
	vt_clear_rows(vt, 0, vt->rows);
}

void vt_init(struct vt *vt, uint16_t cols, uint16_t rows, struct cell *main, struct cell *alternate)
{
	memset(vt, 0, sizeof(*vt));
	vt->cols = cols;
	vt->rows = rows;
	vt->grids[0].cells = main;
	vt->grids[1].cells = alternate;
	memset(main, 0, (size_t)cols * rows * sizeof(*main));
	memset(alternate, 0, (size_t)cols * rows * sizeof(*alternate));
	for (uint16_t y = 0; y < rows; y++)
		vt->grids[0].line[y] = vt->grids[1].line[y] = y;
	vt->modes = VT_ALTERNATE;
	vt_clear_rows(vt, 0, rows);
	vt_reset(vt);
}

void vt_answer(struct vt *vt, const char *text)
{
	size_t len = strlen(text);

	if (len > VT_ANSWER_MAX - vt->answer_len)
		return;
	memcpy(vt->answer + vt->answer_len, text, len);
	vt->answer_len += (uint32_t)len;
}

static bool grid_sane(const struct vt *vt, const struct vt_grid *grid)
{
	uint8_t seen[VT_ROWS_MAX] = {0};

	for (unsigned y = 0; y < vt->rows; y++)
		if (grid->line[y] >= vt->rows || seen[grid->line[y]]++)
			return false;
	for (size_t at = 0; at < (size_t)vt->cols * vt->rows; at++) {
		const struct cell *cell = &grid->cells[at];
		bool last = at % vt->cols == vt->cols - 1u;

		if (cell->code < ' ' || cell->reserved || (cell->flags & CELL_WIDE && last))
			return false;
		if (!last && !(cell[0].flags & CELL_WIDE) != !(cell[1].flags & CELL_TAIL))
			return false;
		if (at % vt->cols == 0 && cell->flags & CELL_TAIL)
			return false;
	}
	return true;
}

static bool cursor_sane(const struct vt *vt, const struct vt_cursor *cursor)
{
	return cursor->x < vt->cols && cursor->y < vt->rows && cursor->shift < 2 &&
	       !(cursor->pen.flags & (CELL_WIDE | CELL_TAIL));
}

bool vt_sane(const struct vt *vt)
{
	return vt->cols >= VT_COLS_MIN && vt->cols <= VT_COLS_MAX && vt->rows >= VT_ROWS_MIN &&
	       vt->rows <= VT_ROWS_MAX && vt->top < vt->bottom && vt->bottom <= vt->rows &&
	       cursor_sane(vt, &vt->cursor) && cursor_sane(vt, &vt->saved[0]) &&
	       cursor_sane(vt, &vt->saved[1]) && vt->parser.state <= VT_PALETTE &&
	       vt->parser.param_count <= VT_PARAMS_MAX && vt->answer_len <= VT_ANSWER_MAX &&
	       grid_sane(vt, &vt->grids[0]) && grid_sane(vt, &vt->grids[1]);
}
