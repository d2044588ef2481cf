/* SPDX-License-Identifier: BSD-2-Clause */
#include "kernel/lib/bits.h"
#include "kernel/lib/string.h"

#include "drv/screen/vt_internal.h"
#include "drv/screen/width.h"

struct cell *vt_row(struct vt *vt, unsigned y)
{
	struct vt_grid *grid = &vt->grids[vt_has(vt, VT_ALTERNATE)];

	return grid->cells + (size_t)grid->line[y] * vt->cols;
}

/* What stands where nothing was written: the pen's background, nothing else of it. */
static struct cell blank(const struct vt *vt)
{
	return (struct cell){.code = ' ',
			     .foreground = vt->cursor.pen.foreground,
			     .background = vt->cursor.pen.background};
}

/* A character of two columns whose one half goes loses the other too. */
static void split(struct vt *vt, struct cell *row, unsigned x)
{
	if (x < vt->cols && row[x].flags & CELL_TAIL) {
		row[x - 1].code = row[x].code = ' ';
		row[x - 1].flags &= (uint8_t)~CELL_WIDE;
		row[x].flags &= (uint8_t)~CELL_TAIL;
	}
}

void vt_all_dirty(struct vt *vt)
{
	memset(vt->dirty, 1, vt->rows);
}

void vt_clear(struct vt *vt, unsigned y, unsigned from, unsigned to)
{
	struct cell *row = vt_row(vt, y);
	struct cell empty = blank(vt);

	split(vt, row, from);
	split(vt, row, to);
	for (unsigned x = from; x < to; x++)
		row[x] = empty;
	vt->dirty[y] = 1;
}

void vt_clear_rows(struct vt *vt, unsigned from, unsigned to)
{
	for (unsigned y = from; y < to; y++)
		vt_clear(vt, y, 0, vt->cols);
}

void vt_fill(struct vt *vt, uint32_t code)
{
	vt_clear_rows(vt, 0, vt->rows);
	for (unsigned y = 0; y < vt->rows; y++)
		for (unsigned x = 0; x < vt->cols; x++)
			vt_row(vt, y)[x].code = code;
}

static void reverse(uint16_t *lines, unsigned from, unsigned to)
{
	while (from + 1 < to) {
		uint16_t line = lines[from];

		lines[from++] = lines[--to];
		lines[to] = line;
	}
}

/* The lines of rows [from, to) move up by @count in a circle; no cell is copied. */
static void rotate(struct vt *vt, unsigned from, unsigned to, unsigned count)
{
	uint16_t *lines = vt->grids[vt_has(vt, VT_ALTERNATE)].line;

	reverse(lines, from, from + count);
	reverse(lines, from + count, to);
	reverse(lines, from, to);
	memset(vt->dirty + from, 1, to - from);
}

void vt_scroll_up(struct vt *vt, unsigned top, unsigned count)
{
	count = MIN(count, (unsigned)vt->bottom - top);
	rotate(vt, top, vt->bottom, count);
	vt_clear_rows(vt, vt->bottom - count, vt->bottom);
}

void vt_scroll_down(struct vt *vt, unsigned top, unsigned count)
{
	count = MIN(count, (unsigned)vt->bottom - top);
	rotate(vt, top, vt->bottom, (unsigned)vt->bottom - top - count);
	vt_clear_rows(vt, top, top + count);
}

/* Room for @count cells at the cursor; what leaves the row on the right is gone. */
void vt_insert_cells(struct vt *vt, unsigned count)
{
	struct cell *row = vt_row(vt, vt->cursor.y);
	unsigned x = vt->cursor.x;

	count = MIN(count, vt->cols - x);
	split(vt, row, x);
	split(vt, row, vt->cols - count);
	memmove(row + x + count, row + x, (vt->cols - x - count) * sizeof(*row));
	for (unsigned i = x; i < x + count; i++)
		row[i] = blank(vt);
	vt->dirty[vt->cursor.y] = 1;
}

void vt_delete_cells(struct vt *vt, unsigned count)
{
	struct cell *row = vt_row(vt, vt->cursor.y);
	unsigned x = vt->cursor.x;

	count = MIN(count, vt->cols - x);
	split(vt, row, x);
	split(vt, row, x + count);
	memmove(row + x, row + x + count, (vt->cols - x - count) * sizeof(*row));
	for (unsigned i = vt->cols - count; i < vt->cols; i++)
		row[i] = blank(vt);
	vt->dirty[vt->cursor.y] = 1;
}

/* Before a character of @width columns: a wrap that is due, and one for which there is no room. */
static void make_room(struct vt *vt, unsigned width)
{
	struct vt_cursor *cursor = &vt->cursor;

	if (cursor->wrap || (cursor->x + width > vt->cols && vt_has(vt, VT_AUTOWRAP))) {
		vt_line_feed(vt);
		cursor->x = 0;
	}
	cursor->x = (uint16_t)MIN((unsigned)cursor->x, vt->cols - width);
	if (vt_has(vt, VT_INSERT))
		vt_insert_cells(vt, width);
}

void vt_put(struct vt *vt, uint32_t code)
{
	struct vt_cursor *cursor = &vt->cursor;
	unsigned width = width_of(code);
	struct cell *at;

	if (!width)
		return;
	make_room(vt, width);
	at = vt_row(vt, cursor->y) + cursor->x;
	split(vt, at - cursor->x, cursor->x);
	split(vt, at - cursor->x, cursor->x + width);
	at[0] = cursor->pen;
	at[0].code = code;
	if (width == 2) {
		at[1] = at[0];
		at[0].flags |= CELL_WIDE;
		at[1].flags |= CELL_TAIL;
	}
	vt->dirty[cursor->y] = 1;
	cursor->wrap = cursor->x + width >= vt->cols && vt_has(vt, VT_AUTOWRAP);
	cursor->x = (uint16_t)MIN(cursor->x + width, vt->cols - 1u);
}
