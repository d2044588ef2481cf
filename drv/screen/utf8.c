/* SPDX-License-Identifier: BSD-2-Clause */
#include "drv/screen/utf8.h"

static void expect(struct utf8 *utf8, uint32_t bits, uint8_t left)
{
	utf8->code = bits;
	utf8->left = left;
	utf8->low = 0x80;
	utf8->high = 0xbf;
}

/* The first byte of a sequence, Unicode 15, table 3-7. True when it begins one. */
static bool begin(struct utf8 *utf8, uint8_t byte)
{
	if (byte >= 0xc2 && byte <= 0xdf) {
		expect(utf8, byte & 0x1fu, 1);
	} else if (byte >= 0xe0 && byte <= 0xef) {
		expect(utf8, byte & 0x0fu, 2);
		if (byte == 0xe0)
			utf8->low = 0xa0;
		if (byte == 0xed)
			utf8->high = 0x9f;
	} else if (byte >= 0xf0 && byte <= 0xf4) {
		expect(utf8, byte & 0x07u, 3);
		if (byte == 0xf0)
			utf8->low = 0x90;
		if (byte == 0xf4)
			utf8->high = 0x8f;
	} else {
		return false;
	}
	return true;
}

static unsigned take_first(struct utf8 *utf8, uint8_t byte, uint32_t *code)
{
	if (begin(utf8, byte))
		return 0;
	*code = byte < 0x80 ? byte : UTF8_REPLACEMENT;
	return 1;
}

unsigned utf8_take(struct utf8 *utf8, uint8_t byte, uint32_t codes[UTF8_CODES_MAX])
{
	if (!utf8->left)
		return take_first(utf8, byte, &codes[0]);
	if (byte < utf8->low || byte > utf8->high) {
		utf8->left = 0;
		codes[0] = UTF8_REPLACEMENT;
		return 1 + take_first(utf8, byte, &codes[1]);
	}
	utf8->code = utf8->code << 6 | (byte & 0x3fu);
	utf8->low = 0x80;
	utf8->high = 0xbf;
	if (--utf8->left)
		return 0;
	codes[0] = utf8->code;
	return 1;
}
