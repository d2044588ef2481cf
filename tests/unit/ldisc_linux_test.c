/* SPDX-License-Identifier: BSD-2-Clause */
/* The line discipline against Linux's: what n_tty made of the same bytes on a pseudo terminal. */
#include "drv/tty/ldisc.h"
#include "tests/unit/check.h"
#include "tests/unit/ldisc_linux_rows.h"

#define COUNT_OF(array) (sizeof(array) / sizeof((array)[0]))

static struct ldisc ldisc;
static char text[256];
static size_t text_len;

static void collect(const void *bytes, uint32_t count)
{
	CHECK(text_len + count <= sizeof(text));
	memcpy(text + text_len, bytes, count);
	text_len += count;
}

static void check_text(const char *what, const char *from, const char *expected)
{
	bool same = text_len == strlen(expected) && memcmp(text, expected, text_len) == 0;

	if (!same)
		fprintf(stderr, "%s of '%s': '%.*s'\n", what, from, (int)text_len, text);
	CHECK(same);
	text_len = 0;
}

static void begin(uint32_t iflag, uint32_t oflag, uint32_t lflag, const struct key *keys)
{
	struct termios modes;

	ldisc_init(&ldisc);
	modes = ldisc.modes;
	modes.iflag ^= iflag;
	modes.oflag ^= oflag;
	modes.lflag ^= lflag;
	for (unsigned i = 0; keys && i < 2; i++)
		if (keys[i].index)
			modes.cc[keys[i].index] = keys[i].byte;
	ldisc_set_modes(&ldisc, &modes);
}

static void type(uint8_t byte)
{
	struct ldisc_effect effect;
	uint32_t count;

	ldisc_receive(&ldisc, byte, &effect);
	for (;;) {
		const uint8_t *bytes = ldisc_echo_peek(&ldisc, &count);

		if (!count)
			return;
		collect(bytes, count);
		ldisc_echo_taken(&ldisc, count);
	}
}

static void test_typed(const struct typed_row *row)
{
	uint8_t line[64];
	bool ended;

	begin(row->iflag, row->oflag, row->lflag, row->keys);
	for (const char *at = row->typed; *at; at++)
		type((uint8_t)*at);
	check_text("echo", row->typed, row->echo);
	CHECK_EQ(ldisc_readable_count(&ldisc), row->count);
	while (ldisc_readable(&ldisc)) {
		collect(line, ldisc_read(&ldisc, line, sizeof(line), &ended));
		collect("|", 1);
	}
	check_text("reads", row->typed, row->reads);
}

static void test_written(const struct written_row *row)
{
	uint32_t len = (uint32_t)strlen(row->written), made;
	uint8_t out[256];

	begin(row->iflag, row->oflag, 0, NULL);
	CHECK_EQ(ldisc_output(&ldisc, (const uint8_t *)row->written, len, out, sizeof(out), &made),
		 len);
	collect(out, made);
	check_text("output", row->written, row->out);
}

static void test_prompted(const struct prompted_row *row)
{
	uint32_t len = (uint32_t)strlen(row->written), made;
	uint8_t out[64];

	begin(0, row->oflag, 0, NULL);
	for (const char *at = row->before; *at; at++)
		type((uint8_t)*at);
	text_len = 0;
	ldisc_output(&ldisc, (const uint8_t *)row->written, len, out, sizeof(out), &made);
	for (const char *at = row->typed; *at; at++)
		type((uint8_t)*at);
	check_text("echo", row->typed, row->echo);
}

int main(void)
{
	for (size_t i = 0; i < COUNT_OF(typed_rows); i++)
		test_typed(&typed_rows[i]);
	for (size_t i = 0; i < COUNT_OF(written_rows); i++)
		test_written(&written_rows[i]);
	for (size_t i = 0; i < COUNT_OF(prompted_rows); i++)
		test_prompted(&prompted_rows[i]);
	return check_done("ldisc_linux");
}
