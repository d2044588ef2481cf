/* SPDX-License-Identifier: BSD-2-Clause */
#include "kernel/lib/bits.h"

#include "drv/screen/palette.h"
#include "drv/screen/vt_internal.h"

/* 38 and 48: 5;index or 2;red;green;blue. Return: how many parameters follow @at. */
static unsigned extended(const struct vt *vt, unsigned at, uint8_t *colour)
{
	unsigned kind = vt_param(vt, at + 1, 0);

	if (kind == 5) {
		*colour = (uint8_t)MIN(vt_param(vt, at + 2, 0), 255u);
		return 2;
	}
	if (kind == 2) {
		*colour = palette_nearest(vt_param(vt, at + 2, 0), vt_param(vt, at + 3, 0),
					  vt_param(vt, at + 4, 0));
		return 4;
	}
	return 1;
}

static void set_flag(struct cell *pen, uint8_t flag, bool on)
{
	pen->flags = (uint8_t)(on ? pen->flags | flag : pen->flags & ~flag);
}

static void flag_style(struct cell *pen, unsigned style)
{
	switch (style) {
	case 0:
		*pen = (struct cell){
			.code = ' ', .foreground = CELL_FOREGROUND, .background = CELL_BACKGROUND};
		break;
	case 1:
		set_flag(pen, CELL_BOLD, true);
		break;
	case 2:
		set_flag(pen, CELL_DIM, true);
		break;
	case 4:
	case 21:
		set_flag(pen, CELL_UNDERLINE, true);
		break;
	case 7:
		set_flag(pen, CELL_REVERSE, true);
		break;
	case 22:
		set_flag(pen, CELL_BOLD | CELL_DIM, false);
		break;
	case 24:
		set_flag(pen, CELL_UNDERLINE, false);
		break;
	case 27:
		set_flag(pen, CELL_REVERSE, false);
		break;
	default:
		break;
	}
}

/* The plain ones: 30-37, 39, 40-47, 49, 90-97, 100-107. */
static void colour_style(struct cell *pen, unsigned style)
{
	if (style >= 30 && style <= 37)
		pen->foreground = (uint8_t)(style - 30);
	else if (style == 39)
		pen->foreground = CELL_FOREGROUND;
	else if (style >= 40 && style <= 47)
		pen->background = (uint8_t)(style - 40);
	else if (style == 49)
		pen->background = CELL_BACKGROUND;
	else if (style >= 90 && style <= 97)
		pen->foreground = (uint8_t)(style - 90 + 8);
	else if (style >= 100 && style <= 107)
		pen->background = (uint8_t)(style - 100 + 8);
}

void vt_style(struct vt *vt)
{
	struct cell *pen = &vt->cursor.pen;

	for (unsigned at = 0; at < vt->parser.param_count; at++) {
		unsigned style = vt->parser.params[at];

		if (style == 38)
			at += extended(vt, at, &pen->foreground);
		else if (style == 48)
			at += extended(vt, at, &pen->background);
		else if (style < 30)
			flag_style(pen, style);
		else
			colour_style(pen, style);
	}
}
