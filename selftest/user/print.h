/* SPDX-License-Identifier: BSD-2-Clause */
#pragma once
/* Text for people, on the console: what the demos show. */
#include "selftest/user/user.h"

struct line {
	char text[160];
	size_t len;
};

static inline void line_text(struct line *line, const char *text)
{
	while (*text && line->len < sizeof(line->text))
		line->text[line->len++] = *text++;
}

static inline void line_number(struct line *line, uint64_t value, unsigned width)
{
	char reversed[20];
	unsigned count = 0;

	do {
		reversed[count++] = (char)('0' + value % 10);
		value /= 10;
	} while (value);
	for (unsigned i = count; i < width; i++)
		line_text(line, " ");
	while (count && line->len < sizeof(line->text))
		line->text[line->len++] = reversed[--count];
}

/* Writes the line and its end in one call, so that lines of two processes never mix. */
static inline void line_end(struct line *line)
{
	line_text(line, "\n");
	sys3(SYS_write, 1, (long)line->text, (long)line->len);
	line->len = 0;
}
