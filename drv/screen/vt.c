/* SPDX-License-Identifier: BSD-2-Clause */
#include "drv/screen/vt.h"

#include "kernel/lib/bits.h"
#include "kernel/lib/string.h"

#include "drv/screen/vt_internal.h"

#define BEL 0x07u
#define BS  0x08u
#define HT  0x09u
#define LF  0x0au
#define VT  0x0bu
#define FF  0x0cu
#define CR  0x0du
#define SO  0x0eu
#define SI  0x0fu
#define CAN 0x18u
#define SUB 0x1au
#define ESC 0x1bu
#define DEL 0x7fu

#define PALETTE_DIGITS 7u

#define GRAPHIC_FIRST 0x5fu
#define GRAPHIC_LAST  0x7eu

/* DEC's special graphics, VT100 user guide, table 3-9. */
static const uint16_t graphics[] = {
	' ',    0x25c6, 0x2592, 0x2409, 0x240c, 0x240d, 0x240a, 0x00b0, 0x00b1, 0x2424, 0x240b,
	0x2518, 0x2510, 0x250c, 0x2514, 0x253c, 0x23ba, 0x23bb, 0x2500, 0x23bc, 0x23bd, 0x251c,
	0x2524, 0x2534, 0x252c, 0x2502, 0x2264, 0x2265, 0x03c0, 0x2260, 0x00a3, 0x00b7,
};
static_assert(ARRAY_SIZE(graphics) == GRAPHIC_LAST - GRAPHIC_FIRST + 1, "one for each code");

static const struct vt_cursor first_cursor = {
	.graphic = {false, true},
	.pen = {.code = ' ', .foreground = CELL_FOREGROUND, .background = CELL_BACKGROUND},
};

void vt_reset(struct vt *vt)
{
	vt->cursor = vt->saved[0] = vt->saved[1] = first_cursor;
	vt->modes = VT_AUTOWRAP | VT_CURSOR;
	vt->top = 0;
	vt->bottom = vt->rows;
	vt->state = VT_GROUND;
	vt->utf8 = (struct utf8){0};
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

static void control(struct vt *vt, uint32_t code)
{
	switch (code) {
	case BS:
		vt_go_to(vt, vt->cursor.x - 1, vt->cursor.y);
		break;
	case HT:
		vt_tab(vt);
		break;
	case LF:
	case VT:
	case FF:
		vt_line_feed(vt);
		if (vt_has(vt, VT_NEWLINE))
			vt->cursor.x = 0;
		break;
	case CR:
		vt->cursor.x = 0;
		vt->cursor.wrap = false;
		break;
	case SO:
	case SI:
		vt->cursor.shift = code == SO;
		break;
	default:
		break;
	}
}

static void print(struct vt *vt, uint32_t code)
{
	if (vt->cursor.graphic[vt->cursor.shift] && code >= GRAPHIC_FIRST && code <= GRAPHIC_LAST)
		code = graphics[code - GRAPHIC_FIRST];
	vt_put(vt, code);
}

static void begin_csi(struct vt *vt)
{
	vt->state = VT_CSI;
	vt->marker = 0;
	vt->param_count = 0;
	memset(vt->params, 0, sizeof(vt->params));
}

/* The byte behind ESC. */
static void escape(struct vt *vt, uint8_t byte)
{
	vt->state = VT_GROUND;
	switch (byte) {
	case '[':
		begin_csi(vt);
		break;
	case ']':
		vt->state = VT_STRING_FIRST;
		break;
	case 'P':
	case 'X':
	case '^':
	case '_':
		vt->state = VT_STRING;
		break;
	case '7':
		vt_save_cursor(vt);
		break;
	case '8':
		vt_restore_cursor(vt);
		break;
	case 'D':
		vt_line_feed(vt);
		break;
	case 'E':
		vt->cursor.x = 0;
		vt_line_feed(vt);
		break;
	case 'H':
		vt->tabs[vt->cursor.x / 8] |= (uint8_t)(1u << vt->cursor.x % 8);
		break;
	case 'M':
		vt_reverse_line_feed(vt);
		break;
	case 'Z':
		vt_answer(vt, "\033[?6c");
		break;
	case 'c':
		vt_reset(vt);
		break;
	default:
		if (byte >= ' ' && byte <= '/') {
			vt->designated = byte;
			vt->state = VT_DESIGNATE;
		}
		break;
	}
}

/* ESC ( and ) choose G0 and G1: line drawing, or else plain characters. ESC # 8 fills the screen.
 */
static void designate(struct vt *vt, uint8_t byte)
{
	vt->state = VT_GROUND;
	if (vt->designated == '(' || vt->designated == ')')
		vt->cursor.graphic[vt->designated == ')'] = byte == '0';
	else if (vt->designated == '#' && byte == '8')
		vt_fill(vt, 'E');
}

static void end_param(struct vt *vt)
{
	if (vt->param_count < VT_PARAMS_MAX)
		vt->param_count++;
}

static void csi_byte(struct vt *vt, uint8_t byte)
{
	uint16_t *param = &vt->params[MIN((unsigned)vt->param_count, VT_PARAMS_MAX - 1)];

	if (byte >= '0' && byte <= '9') {
		if (vt->param_count < VT_PARAMS_MAX)
			*param = (uint16_t)MIN(*param * 10u + (byte - '0'), VT_PARAM_MAX);
	} else if (byte == ';') {
		end_param(vt);
	} else if (byte == '[' && !vt->param_count && !vt->marker && !*param) {
		vt->state = VT_FUNCTION_KEY;
	} else if (byte >= '<' && byte <= '?' && !vt->param_count && !vt->marker && !*param) {
		vt->marker = byte;
	} else if (byte >= '@' && byte <= '~') {
		end_param(vt);
		vt->state = VT_GROUND;
		vt_csi(vt, byte);
	} else {
		vt->state = VT_CSI_IGNORE;
	}
}

static void string_first(struct vt *vt, uint8_t byte)
{
	vt->state = byte == 'R' ? VT_GROUND : byte == 'P' ? VT_PALETTE : VT_STRING;
	vt->designated = PALETTE_DIGITS;
}

/* One byte within a sequence; control characters have been taken out. */
static void sequence(struct vt *vt, uint8_t byte)
{
	switch ((enum vt_state)vt->state) {
	case VT_ESCAPE:
		escape(vt, byte);
		break;
	case VT_DESIGNATE:
		designate(vt, byte);
		break;
	case VT_CSI:
		csi_byte(vt, byte);
		break;
	case VT_CSI_IGNORE:
		if (byte >= '@' && byte <= '~')
			vt->state = VT_GROUND;
		break;
	case VT_FUNCTION_KEY:
		vt->state = VT_GROUND;
		break;
	case VT_STRING_FIRST:
		string_first(vt, byte);
		break;
	case VT_PALETTE:
		if (!--vt->designated)
			vt->state = VT_GROUND;
		break;
	case VT_GROUND:
	case VT_STRING:
		break;
	}
}

static bool in_string(const struct vt *vt)
{
	return vt->state == VT_STRING || vt->state == VT_STRING_FIRST || vt->state == VT_PALETTE;
}

/* Control characters count within sequences too; a string ends at the end of the line at last. */
static void control_byte(struct vt *vt, uint8_t byte)
{
	if (byte == ESC) {
		vt->state = VT_ESCAPE;
	} else if (byte == CAN || byte == SUB) {
		vt->state = VT_GROUND;
	} else if (!in_string(vt)) {
		control(vt, byte);
	} else if (byte == BEL || byte == LF || byte == CR) {
		vt->state = VT_GROUND;
		control(vt, byte);
	}
}

static void character(struct vt *vt, uint32_t code)
{
	if (code < ' ')
		control_byte(vt, (uint8_t)code);
	else if (code < DEL || code > 0x9f)
		print(vt, code);
}

static void take(struct vt *vt, uint8_t byte)
{
	uint32_t codes[UTF8_CODES_MAX];

	if (vt->state != VT_GROUND) {
		if (byte < ' ')
			control_byte(vt, byte);
		else
			sequence(vt, byte);
		return;
	}
	unsigned count = utf8_take(&vt->utf8, byte, codes);
	for (unsigned i = 0; i < count; i++)
		character(vt, codes[i]);
}

void vt_write(struct vt *vt, const uint8_t *bytes, size_t len)
{
	for (size_t i = 0; i < len; i++)
		take(vt, bytes[i]);
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
	       cursor_sane(vt, &vt->saved[1]) && vt->state <= VT_PALETTE &&
	       vt->param_count <= VT_PARAMS_MAX && vt->answer_len <= VT_ANSWER_MAX &&
	       grid_sane(vt, &vt->grids[0]) && grid_sane(vt, &vt->grids[1]);
}
