/* SPDX-License-Identifier: BSD-2-Clause */
#include "drv/ps2/keymap.h"

#include "kernel/lib/compiler.h"
#include "kernel/lib/string.h"

#define HELD_SHIFT_L 0x01
#define HELD_SHIFT_R 0x02
#define HELD_CTRL_L  0x04
#define HELD_CTRL_R  0x08
#define HELD_ALT_L   0x10
#define HELD_ALT_R   0x20
#define HELD_SHIFT   (HELD_SHIFT_L | HELD_SHIFT_R)
#define HELD_CTRL    (HELD_CTRL_L | HELD_CTRL_R)
#define HELD_ALT     (HELD_ALT_L | HELD_ALT_R)

#define RELEASE      0x80u
#define PREFIX       0xe0u
#define PREFIX_PAUSE 0xe1u
#define PAUSE_REST   2u /* codes behind it, for the press and again for the release */

#define SCAN_CTRL    0x1du
#define SCAN_SHIFT_L 0x2au
#define SCAN_SHIFT_R 0x36u
#define SCAN_ALT     0x38u
#define SCAN_CAPS    0x3au
#define SCAN_NUM     0x45u
#define SCAN_ENTER   0x1cu
#define SCAN_SLASH   0x35u
#define SCAN_KEYPAD  0x47u /* to 0x53: the keypad, and the keys beside it with the prefix */
#define SCAN_DELETE  0x53u
#define SCAN_F1      0x3bu /* to 0x44: F10 */
#define SCAN_F11     0x57u
#define SCAN_F12     0x58u

/* By scan code: alone and with shift; 0 where there is no character. */
static const char plain[] =
	"\0\0331234567890-=\177\tqwertyuiop[]\r\0asdfghjkl;'`\0\\zxcvbnm,./\0*\0 ";
static const char shifted[] =
	"\0\033!@#$%^&*()_+\177\tQWERTYUIOP{}\r\0ASDFGHJKL:\"~\0|ZXCVBNM<>?\0*\0 ";
static_assert(sizeof(plain) == 0x3b && sizeof(shifted) == 0x3b, "scan codes up to the space bar");
#define SCAN_EXTRA 0x56u /* the 102nd key */

/* SCAN_KEYPAD and on: what num lock makes of it, and what it is without. */
static const char keypad_digits[] = "789-456+1230.";
/* A letter: a cursor key. A digit: ESC [ digit ~. */
static const char keypad_keys[] = "1A5-DGC+4B623";
static_assert(sizeof(keypad_digits) == sizeof(keypad_keys), "one row each");

/* F1 to F12, then with shift, as Linux's default map has them; F1 to F5 are ESC [ [ letter. */
static const uint8_t function_plain[] = {'A', 'B', 'C', 'D', 'E', 17, 18, 19, 20, 21, 23, 24};
static const uint8_t function_shifted[] = {25, 26, 28, 29, 31, 32, 33, 34, 35, 36, 37, 38};

struct output {
	uint8_t *to;
	unsigned count;
};

static void add(struct output *out, char byte)
{
	if (out->count < KEYMAP_BYTES_MAX)
		out->to[out->count++] = (uint8_t)byte;
}

static void add_text(struct output *out, const char *text)
{
	for (; *text; text++)
		add(out, *text);
}

static void add_number_key(struct output *out, unsigned number)
{
	add_text(out, "\033[");
	if (number >= 10)
		add(out, (char)('0' + number / 10));
	add(out, (char)('0' + number % 10));
	add(out, '~');
}

/* Which modifier a code is; 0: none. */
static uint8_t modifier_of(uint8_t scan, bool prefixed)
{
	switch (scan) {
	case SCAN_SHIFT_L:
		return prefixed ? 0 : HELD_SHIFT_L; /* with the prefix: made up by the keyboard */
	case SCAN_SHIFT_R:
		return prefixed ? 0 : HELD_SHIFT_R;
	case SCAN_CTRL:
		return prefixed ? HELD_CTRL_R : HELD_CTRL_L;
	case SCAN_ALT:
		return prefixed ? HELD_ALT_R : HELD_ALT_L;
	default:
		return 0;
	}
}

/* Control with a character, as Linux's default map; -1: nothing. */
static int with_control(char c)
{
	static const char keys[] = "2 `3[4\\5]678-/";
	static const char codes[] = "\0\0\0\033\033\034\034\035\035\036\037\177\037\177";
	const char *at;

	if (c >= 'a' && c <= 'z')
		return c & 0x1f;
	if (c == '\r' || c == '\t' || c == '\033')
		return c;
	if (c == '\177')
		return '\b';
	at = c ? strchr(keys, c) : NULL;
	return at ? codes[at - keys] : -1;
}

static void add_character(const struct keymap *map, struct output *out, uint8_t scan)
{
	char c = plain[scan];
	bool upper = map->held & HELD_SHIFT;
	int code;

	if (c >= 'a' && c <= 'z')
		upper ^= map->caps;
	if (map->held & HELD_CTRL) {
		code = with_control(c);
	} else {
		code = upper ? shifted[scan] : c;
		code = code ? code : -1;
	}
	if (code < 0)
		return;
	if (map->held & HELD_ALT || (c == '\t' && upper))
		add(out, '\033'); /* shift-tab is ESC TAB: kcbt */
	add(out, (char)code);
}

static void add_cursor_key(const struct keymap *map, struct output *out, char letter)
{
	add_text(out, map->app_cursor && letter != 'G' ? "\033O" : "\033[");
	add(out, letter);
}

static void add_keypad(const struct keymap *map, struct output *out, uint8_t scan, bool prefixed)
{
	unsigned at = scan - SCAN_KEYPAD;
	char key = keypad_keys[at];

	if (!prefixed && (map->num || key == '-' || key == '+'))
		add(out, keypad_digits[at]);
	else if (key >= 'A' && key <= 'G')
		add_cursor_key(map, out, key);
	else if (key != '-' && key != '+')
		add_number_key(out, (unsigned)(key - '0'));
}

static void add_function_key(const struct keymap *map, struct output *out, unsigned at)
{
	if (map->held & HELD_SHIFT) {
		add_number_key(out, function_shifted[at]);
	} else if (at < 5) {
		add_text(out, "\033[[");
		add(out, (char)function_plain[at]);
	} else {
		add_number_key(out, function_plain[at]);
	}
}

static void press(struct keymap *map, struct output *out, uint8_t scan, bool prefixed)
{
	if (scan >= SCAN_KEYPAD && scan <= SCAN_DELETE)
		add_keypad(map, out, scan, prefixed);
	else if (prefixed && scan != SCAN_ENTER && scan != SCAN_SLASH)
		return;
	else if (prefixed)
		add(out, plain[scan]);
	else if (scan == SCAN_CAPS)
		map->caps = !map->caps;
	else if (scan == SCAN_NUM)
		map->num = !map->num;
	else if (scan >= SCAN_F1 && scan <= SCAN_F1 + 9)
		add_function_key(map, out, scan - SCAN_F1);
	else if (scan == SCAN_F11 || scan == SCAN_F12)
		add_function_key(map, out, 10u + (scan - SCAN_F11));
	else if (scan == SCAN_EXTRA)
		add(out, map->held & HELD_SHIFT ? '>' : '<');
	else if (scan < sizeof(plain) - 1)
		add_character(map, out, scan);
}

/* Codes that only say how the next are meant. True when @code was one. */
static bool take_prefix(struct keymap *map, uint8_t code)
{
	if (map->skip) {
		map->skip--;
		return true;
	}
	if (code == PREFIX_PAUSE)
		map->skip = PAUSE_REST;
	if (code == PREFIX)
		map->prefix = code;
	return code == PREFIX_PAUSE || code == PREFIX;
}

enum keymap_event keymap_take(struct keymap *map, uint8_t code, uint8_t to[KEYMAP_BYTES_MAX],
			      unsigned *count)
{
	struct output out = {to, 0};
	uint8_t scan = code & (uint8_t)~RELEASE;
	bool prefixed, pressed = !(code & RELEASE);
	uint8_t modifier;

	*count = 0;
	if (take_prefix(map, code))
		return KEYMAP_TYPED;
	prefixed = map->prefix;
	map->prefix = 0;
	modifier = modifier_of(scan, prefixed);
	if (modifier) {
		map->held = (uint8_t)(pressed ? map->held | modifier : map->held & ~modifier);
		return KEYMAP_TYPED;
	}
	if (!pressed)
		return KEYMAP_TYPED;
	if (scan == SCAN_DELETE && map->held & HELD_CTRL && map->held & HELD_ALT)
		return KEYMAP_REBOOT;
	press(map, &out, scan, prefixed);
	*count = out.count;
	return KEYMAP_TYPED;
}
