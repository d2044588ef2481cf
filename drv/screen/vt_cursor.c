/* SPDX-License-Identifier: BSD-2-Clause */
#include "kernel/lib/bits.h"

#include "drv/screen/vt_internal.h"

static uint16_t between(int value, unsigned low, unsigned end)
{
	if (value < (int)low)
		return (uint16_t)low;
	return (uint16_t)MIN((unsigned)value, end - 1);
}

void vt_go_to(struct vt *vt, int x, int y)
{
	bool origin = vt_has(vt, VT_ORIGIN);

	vt->cursor.x = between(x, 0, vt->cols);
	vt->cursor.y = between(y, origin ? vt->top : 0, origin ? vt->bottom : vt->rows);
	vt->cursor.wrap = false;
}

void vt_go_to_origin(struct vt *vt, int x, int y)
{
	vt_go_to(vt, x, vt_has(vt, VT_ORIGIN) ? y + vt->top : y);
}

void vt_line_feed(struct vt *vt)
{
	vt->cursor.wrap = false;
	if (vt->cursor.y + 1u == vt->bottom)
		vt_scroll_up(vt, vt->top, 1);
	else if (vt->cursor.y + 1u < vt->rows)
		vt->cursor.y++;
}

void vt_reverse_line_feed(struct vt *vt)
{
	vt->cursor.wrap = false;
	if (vt->cursor.y == vt->top)
		vt_scroll_down(vt, vt->top, 1);
	else if (vt->cursor.y > 0)
		vt->cursor.y--;
}

static bool is_stop(const struct vt *vt, unsigned x)
{
	return vt->tabs[x / 8] >> x % 8 & 1;
}

void vt_tab(struct vt *vt)
{
	unsigned x = vt->cursor.x;

	while (x + 1 < vt->cols && !is_stop(vt, ++x))
		;
	vt_go_to(vt, (int)x, vt->cursor.y);
}

void vt_back_tab(struct vt *vt)
{
	unsigned x = vt->cursor.x;

	while (x > 0 && !is_stop(vt, --x))
		;
	vt_go_to(vt, (int)x, vt->cursor.y);
}

void vt_save_cursor(struct vt *vt)
{
	vt->saved[vt_has(vt, VT_ALTERNATE)] = vt->cursor;
}

void vt_restore_cursor(struct vt *vt)
{
	vt->cursor = vt->saved[vt_has(vt, VT_ALTERNATE)];
}
