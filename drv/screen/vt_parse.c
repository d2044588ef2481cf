/* SPDX-License-Identifier: BSD-2-Clause */
/* Bytes into characters, control characters and sequences. */
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
	vt->parser.state = VT_CSI;
	vt->parser.marker = 0;
	vt->parser.param_count = 0;
	memset(vt->parser.params, 0, sizeof(vt->parser.params));
}

/* The byte behind ESC. */
static void escape(struct vt *vt, uint8_t byte)
{
	vt->parser.state = VT_GROUND;
	switch (byte) {
	case '[':
		begin_csi(vt);
		break;
	case ']':
		vt->parser.state = VT_STRING_FIRST;
		break;
	case 'P':
	case 'X':
	case '^':
	case '_':
		vt->parser.state = VT_STRING;
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
			vt->parser.designated = byte;
			vt->parser.state = VT_DESIGNATE;
		}
		break;
	}
}

/* ESC ( and ) choose G0 and G1: line drawing, or else plain characters. ESC # 8 fills the screen.
 */
static void designate(struct vt *vt, uint8_t byte)
{
	vt->parser.state = VT_GROUND;
	if (vt->parser.designated == '(' || vt->parser.designated == ')')
		vt->cursor.graphic[vt->parser.designated == ')'] = byte == '0';
	else if (vt->parser.designated == '#' && byte == '8')
		vt_fill(vt, 'E');
}

static void end_param(struct vt *vt)
{
	if (vt->parser.param_count < VT_PARAMS_MAX)
		vt->parser.param_count++;
}

static void csi_byte(struct vt *vt, uint8_t byte)
{
	uint16_t *param =
		&vt->parser.params[MIN((unsigned)vt->parser.param_count, VT_PARAMS_MAX - 1)];

	if (byte >= '0' && byte <= '9') {
		if (vt->parser.param_count < VT_PARAMS_MAX)
			*param = (uint16_t)MIN(*param * 10u + (byte - '0'), VT_PARAM_MAX);
	} else if (byte == ';') {
		end_param(vt);
	} else if (byte == '[' && !vt->parser.param_count && !vt->parser.marker && !*param) {
		vt->parser.state = VT_FUNCTION_KEY;
	} else if (byte >= '<' && byte <= '?' && !vt->parser.param_count && !vt->parser.marker &&
		   !*param) {
		vt->parser.marker = byte;
	} else if (byte >= '@' && byte <= '~') {
		end_param(vt);
		vt->parser.state = VT_GROUND;
		vt_csi(vt, byte);
	} else {
		vt->parser.state = VT_CSI_IGNORE;
	}
}

static void string_first(struct vt *vt, uint8_t byte)
{
	vt->parser.state = byte == 'R' ? VT_GROUND : byte == 'P' ? VT_PALETTE : VT_STRING;
	vt->parser.designated = PALETTE_DIGITS;
}

/* One byte within a sequence; control characters have been taken out. */
static void sequence(struct vt *vt, uint8_t byte)
{
	switch ((enum vt_state)vt->parser.state) {
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
			vt->parser.state = VT_GROUND;
		break;
	case VT_FUNCTION_KEY:
		vt->parser.state = VT_GROUND;
		break;
	case VT_STRING_FIRST:
		string_first(vt, byte);
		break;
	case VT_PALETTE:
		if (!--vt->parser.designated)
			vt->parser.state = VT_GROUND;
		break;
	case VT_GROUND:
	case VT_STRING:
		break;
	}
}

static bool in_string(const struct vt *vt)
{
	return vt->parser.state == VT_STRING || vt->parser.state == VT_STRING_FIRST ||
	       vt->parser.state == VT_PALETTE;
}

/* Control characters count within sequences too; a string ends at the end of the line at last. */
static void control_byte(struct vt *vt, uint8_t byte)
{
	if (byte == ESC) {
		vt->parser.state = VT_ESCAPE;
	} else if (byte == CAN || byte == SUB) {
		vt->parser.state = VT_GROUND;
	} else if (!in_string(vt)) {
		control(vt, byte);
	} else if (byte == BEL || byte == LF || byte == CR) {
		vt->parser.state = VT_GROUND;
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

	if (vt->parser.state != VT_GROUND) {
		if (byte < ' ')
			control_byte(vt, byte);
		else
			sequence(vt, byte);
		return;
	}
	unsigned count = utf8_take(&vt->parser.utf8, byte, codes);
	for (unsigned i = 0; i < count; i++)
		character(vt, codes[i]);
}

void vt_write(struct vt *vt, const uint8_t *bytes, size_t len)
{
	for (size_t i = 0; i < len; i++)
		take(vt, bytes[i]);
}

/* Modes that say how it looks, not how characters are placed. */
#define LASTING_MODES (VT_CURSOR | VT_APP_CURSOR | VT_REVERSED | VT_ALTERNATE)

void vt_write_aside(struct vt *vt, const uint8_t *bytes, size_t len)
{
	struct vt_parser parser = vt->parser;
	struct vt_cursor cursor = vt->cursor;
	uint8_t modes = vt->modes;

	vt->parser = (struct vt_parser){.state = VT_GROUND};
	vt->cursor = vt_first_cursor;
	vt->cursor.x = 0;
	vt->cursor.y = cursor.y;
	vt->modes = (modes & LASTING_MODES) | VT_AUTOWRAP;
	if (cursor.x)
		vt_line_feed(vt);
	vt_write(vt, bytes, len);
	cursor.x = vt->cursor.x;
	cursor.y = vt->cursor.y;
	cursor.wrap = false;
	vt->cursor = cursor;
	vt->modes = modes;
	vt->parser = parser;
}
