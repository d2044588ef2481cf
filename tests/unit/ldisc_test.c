/* SPDX-License-Identifier: BSD-2-Clause */
#include "drv/tty/ldisc.h"
#include "tests/unit/check.h"

static struct ldisc ldisc;
static struct ldisc_effect effect;
static char echoed[256];
static size_t echoed_len;
static unsigned signalled;

static void type(const char *text, size_t len)
{
	for (size_t i = 0; i < len; i++) {
		ldisc_receive(&ldisc, (uint8_t)text[i], &effect);
		if (effect.signal)
			signalled = effect.signal;
		for (uint32_t k = 0; k < effect.echo_len && echoed_len < sizeof(echoed); k++)
			echoed[echoed_len++] = (char)effect.echo[k];
	}
}

static void begin(void)
{
	ldisc_init(&ldisc);
	echoed_len = 0;
	signalled = 0;
}

static bool echo_is(const char *text)
{
	return echoed_len == strlen(text) && memcmp(echoed, text, echoed_len) == 0;
}

static bool read_is(const char *text)
{
	uint8_t line[64];
	uint32_t count = ldisc_read(&ldisc, line, sizeof(line));

	return count == strlen(text) && memcmp(line, text, count) == 0;
}

static void test_canonical_lines(void)
{
	begin();
	type("ab\x7f"
	     "c",
	     4);
	CHECK(!ldisc_readable(&ldisc)); /* nothing before the end of the line */
	type("\rxy\n", 4);
	CHECK(echo_is("ab\b \bc\r\nxy\r\n"));
	CHECK(read_is("ac\n") && read_is("xy\n")); /* one line a read */
	CHECK(!ldisc_readable(&ldisc));
	begin();
	type("one two\x17"
	     "2\x15"
	     "three\n",
	     16);
	CHECK(read_is("three\n"));
	type("\x04", 1);
	CHECK(ldisc_readable(&ldisc) && read_is("")); /* end of file */
	CHECK(!ldisc_readable(&ldisc));
	type("q\x16\x03\n", 4);
	CHECK(signalled == 0 && read_is("q\x03\n")); /* the literal key */
}

static void test_end_of_file(void)
{
	uint8_t out[4];

	begin();
	type("abc\x04"
	     "d\n\x04",
	     7);
	CHECK_EQ(ldisc_read(&ldisc, out, 3), 3); /* its ^D is gone with it */
	CHECK_EQ(ldisc_read(&ldisc, out, 2), 2);
	CHECK(out[0] == 'd' && out[1] == '\n');
	CHECK(ldisc_readable(&ldisc)); /* the ^D behind a whole line is an end of its own */
	CHECK_EQ(ldisc_read(&ldisc, out, 4), 0);
	CHECK(!ldisc_readable(&ldisc));
}

static void test_signals_and_raw_mode(void)
{
	struct termios modes;

	begin();
	type("gone\x03", 5);
	CHECK(signalled == 2 && echo_is("gone^C"));
	type("\n", 1);
	CHECK(read_is("\n")); /* the typed line was flushed */
	type("\x13", 1);
	CHECK(ldisc.stopped);
	type("\x11", 1);
	CHECK(!ldisc.stopped && effect.restarted);
	modes = ldisc.modes;
	modes.lflag &= ~(ICANON | ECHO | ISIG);
	modes.iflag &= ~(uint32_t)ICRNL;
	ldisc_set_modes(&ldisc, &modes);
	echoed_len = 0;
	signalled = 0;
	type("a\x03\r", 3);
	CHECK(signalled == 0 && echoed_len == 0 && read_is("a\x03\r"));
}

static void test_input_is_bounded(void)
{
	uint8_t out[8];
	uint32_t total = 0;

	begin();
	for (unsigned i = 0; i < 2 * LDISC_INPUT_BYTES; i++)
		type("z", 1);
	CHECK(ldisc_has_room(&ldisc)); /* nobody could make room: the line is cut */
	type("\n", 1);
	CHECK(!ldisc_has_room(&ldisc));
	CHECK(ldisc_readable_count(&ldisc) == LDISC_INPUT_BYTES);
	while (ldisc_readable(&ldisc))
		total += ldisc_read(&ldisc, out, sizeof(out));
	CHECK(total == LDISC_INPUT_BYTES);
	CHECK(ldisc_output(&ldisc, (const uint8_t *)"a\nb", 3, out) == 4);
	CHECK(memcmp(out, "a\r\nb", 4) == 0);
}

int main(void)
{
	test_canonical_lines();
	test_end_of_file();
	test_signals_and_raw_mode();
	test_input_is_bounded();
	return check_done("ldisc");
}
