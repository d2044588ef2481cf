/* SPDX-License-Identifier: BSD-2-Clause */
#include "drv/screen/log_line.h"

#include "kernel/lib/bits.h"
#include "kernel/lib/string.h"

#define MARK_LEN 6u /* of "[ OK ]" */

#define PLAIN  "\033[m"
#define GREY   "\033[90m"
#define RED    "\033[1;31m"
#define GREEN  "\033[1;32m"
#define YELLOW "\033[33m"

struct coloured {
	uint8_t *to;
	size_t len;
	size_t room; /* what is kept for the end of the line is not part of it */
};

static void add(struct coloured *out, const char *text, size_t len)
{
	len = MIN(len, out->room - out->len);
	memcpy(out->to + out->len, text, len);
	out->len += len;
}

static void add_text(struct coloured *out, const char *text)
{
	add(out, text, strlen(text));
}

static const char *colour_of_level(char level)
{
	return level == 'E' ? RED : level == 'W' ? YELLOW : "";
}

/* "[ OK ]" or "[FAIL]" in @text, and what stands around it in @colour. */
static void add_message(struct coloured *out, const char *text, size_t len, const char *colour)
{
	for (size_t at = 0; at + MARK_LEN <= len; at++) {
		bool good = memcmp(text + at, "[ OK ]", MARK_LEN) == 0;

		if (!good && memcmp(text + at, "[FAIL]", MARK_LEN) != 0)
			continue;
		add(out, text, at);
		add_text(out, good ? GREEN : RED);
		add(out, text + at, MARK_LEN);
		add_text(out, PLAIN);
		add_text(out, colour);
		text += at + MARK_LEN;
		len -= at + MARK_LEN;
		break;
	}
	add(out, text, len);
}

size_t log_line_colour(const char *line, size_t len, uint8_t *to)
{
	struct coloured out = {to, 0, LOG_LINE_COLOURED_MAX - sizeof(PLAIN "\r\n")};
	const char *close = memchr(line, ']', len);
	size_t stamp = close ? (size_t)(close - line) + 1 : 0;
	const char *colour = stamp + 2 < len ? colour_of_level(line[stamp + 1]) : "";
	bool ends = len && line[len - 1] == '\n';

	add_text(&out, GREY);
	add(&out, line, stamp);
	add_text(&out, PLAIN);
	add_text(&out, colour);
	add_message(&out, line + stamp, len - stamp - ends, colour);
	out.room = LOG_LINE_COLOURED_MAX;
	add_text(&out, ends ? PLAIN "\r\n" : PLAIN);
	return out.len;
}
