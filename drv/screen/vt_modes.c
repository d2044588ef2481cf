/* SPDX-License-Identifier: BSD-2-Clause */
#include "drv/screen/vt_internal.h"

static void set(struct vt *vt, enum vt_mode mode, bool on)
{
	vt->modes = (uint8_t)(on ? vt->modes | mode : vt->modes & ~mode);
}

static void show_alternate(struct vt *vt, bool on)
{
	if (vt_has(vt, VT_ALTERNATE) == on)
		return;
	set(vt, VT_ALTERNATE, on);
	vt_all_dirty(vt);
}

/* 1049: with the cursor kept by the main grid, and an alternate one that begins empty. */
static void full_alternate(struct vt *vt, bool on)
{
	if (vt_has(vt, VT_ALTERNATE) == on)
		return;
	if (on)
		vt_save_cursor(vt);
	show_alternate(vt, on);
	if (on)
		vt_clear_rows(vt, 0, vt->rows);
	else
		vt_restore_cursor(vt);
}

static void private_mode(struct vt *vt, unsigned mode, bool on)
{
	switch (mode) {
	case 1:
		set(vt, VT_APP_CURSOR, on);
		break;
	case 5:
		set(vt, VT_REVERSED, on);
		vt_all_dirty(vt);
		break;
	case 6:
		set(vt, VT_ORIGIN, on);
		vt_go_to_origin(vt, 0, 0);
		break;
	case 7:
		set(vt, VT_AUTOWRAP, on);
		vt->cursor.wrap = false;
		break;
	case 25:
		set(vt, VT_CURSOR, on);
		break;
	case 47:
	case 1047:
		show_alternate(vt, on);
		break;
	case 1049:
		full_alternate(vt, on);
		break;
	default:
		break;
	}
}

static void plain_mode(struct vt *vt, unsigned mode, bool on)
{
	if (mode == 4)
		set(vt, VT_INSERT, on);
	else if (mode == 20)
		set(vt, VT_NEWLINE, on);
}

void vt_set_modes(struct vt *vt, bool on)
{
	for (unsigned at = 0; at < vt->parser.param_count; at++) {
		if (vt->parser.marker == '?')
			private_mode(vt, vt->parser.params[at], on);
		else
			plain_mode(vt, vt->parser.params[at], on);
	}
}
