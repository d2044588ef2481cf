/* SPDX-License-Identifier: BSD-2-Clause */
#include "kernel/lib/bits.h"
#include "kernel/lib/format.h"
#include "kernel/lib/string.h"

#include "drv/screen/vt_internal.h"

unsigned vt_param(const struct vt *vt, unsigned at, unsigned missing)
{
	return at < vt->parser.param_count && vt->parser.params[at] ? vt->parser.params[at]
								    : missing;
}

static int count_of(const struct vt *vt)
{
	return (int)vt_param(vt, 0, 1);
}

static void erase_screen(struct vt *vt)
{
	const struct vt_cursor *cursor = &vt->cursor;

	switch (vt_param(vt, 0, 0)) {
	case 0:
		vt_clear(vt, cursor->y, cursor->x, vt->cols);
		vt_clear_rows(vt, cursor->y + 1u, vt->rows);
		break;
	case 1:
		vt_clear_rows(vt, 0, cursor->y);
		vt_clear(vt, cursor->y, 0, cursor->x + 1u);
		break;
	case 2:
	case 3:
		vt_clear_rows(vt, 0, vt->rows);
		break;
	default:
		break;
	}
	vt->cursor.wrap = false;
}

static void erase_line(struct vt *vt)
{
	const struct vt_cursor *cursor = &vt->cursor;

	switch (vt_param(vt, 0, 0)) {
	case 0:
		vt_clear(vt, cursor->y, cursor->x, vt->cols);
		break;
	case 1:
		vt_clear(vt, cursor->y, 0, cursor->x + 1u);
		break;
	case 2:
		vt_clear(vt, cursor->y, 0, vt->cols);
		break;
	default:
		break;
	}
	vt->cursor.wrap = false;
}

static void clear_tabs(struct vt *vt)
{
	unsigned x = vt->cursor.x;

	if (vt_param(vt, 0, 0) == 0)
		vt->tabs[x / 8] &= (uint8_t) ~(1u << x % 8);
	else if (vt_param(vt, 0, 0) == 3)
		memset(vt->tabs, 0, sizeof(vt->tabs));
}

static void set_region(struct vt *vt)
{
	unsigned top = vt_param(vt, 0, 1);
	unsigned bottom = vt_param(vt, 1, vt->rows);

	if (top >= bottom || bottom > vt->rows)
		return;
	vt->top = (uint16_t)(top - 1);
	vt->bottom = (uint16_t)bottom;
	vt_go_to_origin(vt, 0, 0);
}

static void report(struct vt *vt)
{
	char text[24];
	unsigned row = vt->cursor.y - (vt_has(vt, VT_ORIGIN) ? vt->top : 0u) + 1;

	if (vt_param(vt, 0, 0) == 5)
		vt_answer(vt, "\033[0n");
	if (vt_param(vt, 0, 0) != 6)
		return;
	format_text(text, sizeof(text), "\033[%u;%uR", row, vt->cursor.x + 1u);
	vt_answer(vt, text);
}

static void lines(struct vt *vt, bool insert)
{
	if (vt->cursor.y < vt->top || vt->cursor.y >= vt->bottom)
		return;
	if (insert)
		vt_scroll_down(vt, vt->cursor.y, vt_param(vt, 0, 1));
	else
		vt_scroll_up(vt, vt->cursor.y, vt_param(vt, 0, 1));
	vt->cursor.wrap = false;
}

static void repeat(struct vt *vt, void (*step)(struct vt *vt))
{
	for (unsigned i = MIN(vt_param(vt, 0, 1), (unsigned)vt->cols); i; i--)
		step(vt);
}

/* Those that move the cursor. False: another one. */
static bool move(struct vt *vt, uint8_t final)
{
	int x = vt->cursor.x, y = vt->cursor.y, n = count_of(vt);

	switch (final) {
	case 'A':
		vt_go_to(vt, x, y - n);
		break;
	case 'B':
	case 'e':
		vt_go_to(vt, x, y + n);
		break;
	case 'C':
	case 'a':
		vt_go_to(vt, x + n, y);
		break;
	case 'D':
		vt_go_to(vt, x - n, y);
		break;
	case 'E':
		vt_go_to(vt, 0, y + n);
		break;
	case 'F':
		vt_go_to(vt, 0, y - n);
		break;
	case 'G':
	case '`':
		vt_go_to(vt, n - 1, y);
		break;
	case 'H':
	case 'f':
		vt_go_to_origin(vt, (int)vt_param(vt, 1, 1) - 1, n - 1);
		break;
	case 'd':
		vt_go_to_origin(vt, x, n - 1);
		break;
	case 'I':
		repeat(vt, vt_tab);
		break;
	case 'Z':
		repeat(vt, vt_back_tab);
		break;
	default:
		return false;
	}
	return true;
}

static void erase_cells(struct vt *vt)
{
	unsigned end = MIN(vt->cursor.x + vt_param(vt, 0, 1), (unsigned)vt->cols);

	vt_clear(vt, vt->cursor.y, vt->cursor.x, end);
	vt->cursor.wrap = false;
}

/* Those that change cells. False: another one. */
static bool edit(struct vt *vt, uint8_t final)
{
	switch (final) {
	case '@':
		vt_insert_cells(vt, vt_param(vt, 0, 1));
		break;
	case 'J':
		erase_screen(vt);
		break;
	case 'K':
		erase_line(vt);
		break;
	case 'L':
	case 'M':
		lines(vt, final == 'L');
		break;
	case 'P':
		vt_delete_cells(vt, vt_param(vt, 0, 1));
		break;
	case 'S':
		vt_scroll_up(vt, vt->top, vt_param(vt, 0, 1));
		break;
	case 'T':
		vt_scroll_down(vt, vt->top, vt_param(vt, 0, 1));
		break;
	case 'X':
		erase_cells(vt);
		break;
	default:
		return false;
	}
	return true;
}

void vt_csi(struct vt *vt, uint8_t final)
{
	if (vt->parser.marker == '?' && (final == 'h' || final == 'l'))
		vt_set_modes(vt, final == 'h');
	if (vt->parser.marker || move(vt, final) || edit(vt, final))
		return;
	switch (final) {
	case 'c':
		if (vt_param(vt, 0, 0) == 0)
			vt_answer(vt, "\033[?6c");
		break;
	case 'g':
		clear_tabs(vt);
		break;
	case 'h':
	case 'l':
		vt_set_modes(vt, final == 'h');
		break;
	case 'm':
		vt_style(vt);
		break;
	case 'n':
		report(vt);
		break;
	case 'r':
		set_region(vt);
		break;
	case 's':
		vt_save_cursor(vt);
		break;
	case 'u':
		vt_restore_cursor(vt);
		break;
	default:
		break;
	}
}
