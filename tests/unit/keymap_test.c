/* SPDX-License-Identifier: BSD-2-Clause */
#include "drv/ps2/keymap.h"
#include "tests/unit/check.h"

#define SHIFT    "\x2a"
#define NO_SHIFT "\xaa"
#define CTRL     "\x1d"
#define ALT      "\x38"

static struct keymap map;
static enum keymap_event event;

/* Whether these codes, from a keyboard where nothing is held, type @text. */
static bool types(const char *codes, size_t len, const char *text, size_t text_len)
{
	char typed[128];
	size_t total = 0;

	map = (struct keymap){.app_cursor = map.app_cursor};
	for (size_t i = 0; i < len; i++) {
		uint8_t bytes[KEYMAP_BYTES_MAX];
		unsigned count;

		event = keymap_take(&map, (uint8_t)codes[i], bytes, &count);
		CHECK(count <= KEYMAP_BYTES_MAX && total + count < sizeof(typed));
		memcpy(typed + total, bytes, count);
		total += count;
	}
	typed[total] = 0;
	if (total == text_len && memcmp(typed, text, total) == 0)
		return true;
	fprintf(stderr, "typed \"%s\", not \"%s\"\n", typed, text);
	return false;
}

#define TYPES(codes, text) CHECK(types(codes, sizeof(codes) - 1, text, sizeof(text) - 1))

static void test_letters(void)
{
	TYPES("\x1e\x9e\x30\xb0\x1c\x9c", "ab\r");
	TYPES(SHIFT "\x1e\x02" NO_SHIFT "\x1e\x02", "A!a1");
	TYPES("\x3a\xba\x1e\x02\x2a\x1e\xaa\x3a\xba\x1e", "A1aa"); /* caps lock: letters only */
	TYPES("\x36\x0c\xb6\x0c\x35\x39\x0e\x0f\x01", "_-/ \177\t\033");
	TYPES("\x36\x56\xb6\x56", "><");
	TYPES("\x1e\x1e\x1e", "aaa"); /* the keyboard repeats */
}

static void test_modifiers(void)
{
	TYPES(CTRL "\x2e\x9d\x2e", "\003c");
	TYPES("\xe0\x1d\x2c\xe0\x9d", "\032"); /* the right one */
	TYPES(CTRL "\x2b\x1a\x1b\x07\x0c\x0e", "\034\033\035\036\037\b");
	TYPES(ALT "\x30\xb8\x30", "\033bb");
	TYPES(SHIFT "\x0f", "\033\t");
	CHECK(types(CTRL "\x39\x03", 3, "\0\0", 2));
	TYPES(CTRL "\x27", ""); /* nothing on ; */
	TYPES(CTRL ALT "\xe0\x53", "");
	CHECK(event == KEYMAP_REBOOT);
}

static void test_special_keys(void)
{
	TYPES("\xe0\x48\xe0\xc8\xe0\x50\xe0\x4d\xe0\x4b", "\033[A\033[B\033[C\033[D");
	TYPES("\xe0\x47\xe0\x4f\xe0\x52\xe0\x53\xe0\x49\xe0\x51",
	      "\033[1~\033[4~\033[2~\033[3~\033[5~\033[6~");
	TYPES("\x3b\x3f\x40\x44\x57\x58", "\033[[A\033[[E\033[17~\033[21~\033[23~\033[24~");
	TYPES(SHIFT "\x3b\x44", "\033[25~\033[36~");
	map.app_cursor = true;
	TYPES("\xe0\x48\xe0\x47", "\033OA\033[1~");
	map.app_cursor = false;
	TYPES("\xe0\x2a\xe0\x48\xe0\xaa", "\033[A"); /* a made-up shift around it */
}

static void test_keypad(void)
{
	TYPES("\x47\x48\x4c\x53\x4a\x4e\x37", "\033[1~\033[A\033[G\033[3~-+*");
	TYPES("\x45\x47\x48\x4c\x53\x52\x4e", "785.0+");
	TYPES("\xe0\x1c\xe0\x35", "\r/");
	TYPES("\xe1\x1d\x45\xe1\x9d\xc5\x1e", "a"); /* pause */
}

static void test_garbage(void)
{
	uint64_t state = 1;
	uint8_t bytes[KEYMAP_BYTES_MAX];
	unsigned count;

	for (unsigned i = 0; i < 100000; i++) {
		keymap_take(&map, (uint8_t)check_random(&state), bytes, &count);
		CHECK(count <= KEYMAP_BYTES_MAX);
	}
}

int main(void)
{
	test_letters();
	test_modifiers();
	test_special_keys();
	test_keypad();
	test_garbage();
	return check_done("keymap");
}
