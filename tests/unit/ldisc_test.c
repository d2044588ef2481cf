/* SPDX-License-Identifier: BSD-2-Clause */
#include "drv/tty/ldisc.h"
#include "tests/unit/check.h"

static struct ldisc ldisc;
static struct ldisc_effect effect;
static char echoed[256];
static size_t echoed_len;
static unsigned signalled;

static void collect_echo(void)
{
	for (;;) {
		uint32_t count;
		const uint8_t *bytes = ldisc_echo_peek(&ldisc, &count);

		if (!count)
			break;
		for (uint32_t k = 0; k < count && echoed_len < sizeof(echoed); k++)
			echoed[echoed_len++] = (char)bytes[k];
		ldisc_echo_taken(&ldisc, count);
	}
}

static void type(const char *text, size_t len)
{
	for (size_t i = 0; i < len; i++) {
		ldisc_receive(&ldisc, (uint8_t)text[i], &effect);
		if (effect.signal)
			signalled = effect.signal;
		collect_echo();
	}
}

static uint32_t take(uint8_t *to, uint32_t size)
{
	bool ended;

	return ldisc_read(&ldisc, to, size, &ended);
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
	uint32_t count = take((uint8_t *)line, sizeof(line));

	return count == strlen(text) && memcmp(line, text, count) == 0;
}

static void set_flags(uint32_t iflag, uint32_t oflag, uint32_t lflag)
{
	struct termios modes = ldisc.modes;

	modes.iflag = iflag;
	modes.oflag = oflag;
	modes.lflag = lflag;
	ldisc_set_modes(&ldisc, &modes);
}

static bool output_is(const char *from, const char *to)
{
	uint8_t out[64];
	uint32_t made;

	CHECK_EQ(ldisc_output(&ldisc, (const uint8_t *)from, (uint32_t)strlen(from), out,
			      sizeof(out), &made),
		 strlen(from));
	return made == strlen(to) && memcmp(out, to, made) == 0;
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
	CHECK_EQ(take(out, 3), 3); /* its ^D is gone with it */
	CHECK_EQ(take(out, 2), 2);
	CHECK(out[0] == 'd' && out[1] == '\n');
	CHECK(ldisc_readable(&ldisc)); /* the ^D behind a whole line is an end of its own */
	CHECK_EQ(take(out, 4), 0);
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
	CHECK(!ldisc.stopped);
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
		total += take(out, sizeof(out));
	CHECK(total == LDISC_INPUT_BYTES);
	CHECK(output_is("a\nb", "a\r\nb"));
}

/* What is taken back is taken from the screen too: two columns for ^A, a tab's own width. */
static void test_erasing_is_shown(void)
{
	begin();
	type("\x01\x7f", 2);
	CHECK(!ldisc_readable(&ldisc) && echo_is("^A\b \b\b \b"));
	begin();
	type("ab\t\x7f", 4);
	CHECK(echo_is("ab\t\b\b\b\b\b\b"));
	begin();
	type("ab\x15", 3);
	CHECK(echo_is("ab\b \b\b \b"));
	begin();
	set_flags(ldisc.modes.iflag, ldisc.modes.oflag, ldisc.modes.lflag & ~ECHOKE);
	type("ab\x15", 3);
	CHECK(echo_is("ab^U\r\n"));
	begin();
	set_flags(ldisc.modes.iflag, ldisc.modes.oflag, ldisc.modes.lflag | ECHOPRT);
	type("ab\x7f\x7f"
	     "c",
	     5);
	CHECK(echo_is("ab\\ba/c"));
	begin();
	type("one,two \x17\n", 10);
	CHECK(read_is("one,\n"));
}

static void test_characters_of_many_bytes(void)
{
	begin();
	type("\xc3\xa9\x7f\n", 4);
	CHECK(read_is("\xc3\n")); /* bytes are characters ... */
	begin();
	set_flags(ldisc.modes.iflag | IUTF8, ldisc.modes.oflag, ldisc.modes.lflag);
	type("a\xc3\xa9\x7f\n", 5);
	CHECK(read_is("a\n") && echo_is("a\xc3\xa9\b \b\r\n")); /* ... unless IUTF8 */
}

static void test_reprint_and_literal(void)
{
	begin();
	type("ab\x12", 3);
	CHECK(echo_is("ab^R\r\nab"));
	begin();
	type("\x16\x7f\n", 3);
	CHECK(echo_is("^\b^?\r\n") && read_is("\x7f\n"));
}

static void test_ends_of_lines(void)
{
	struct termios modes;

	begin();
	modes = ldisc.modes;
	modes.cc[VEOL] = 'x';
	modes.cc[VEOL2] = 'y';
	ldisc_set_modes(&ldisc, &modes);
	type("ax"
	     "by"
	     "\x04",
	     5);
	CHECK_EQ(ldisc_readable_count(&ldisc), 4);
	CHECK(read_is("ax") && read_is("by") && ldisc_readable(&ldisc) && read_is(""));
	begin();
	set_flags(INLCR, 0, ISIG | ICANON);
	type("a\n", 2);
	CHECK(!ldisc_readable(&ldisc));
	begin();
	set_flags(IGNCR, 0, ICANON | ECHONL);
	type("a\r\n", 3);
	CHECK(read_is("a\n") && echo_is("\n"));
	begin();
	set_flags(ISTRIP, 0, ICANON);
	type("\xe1\n", 2);
	CHECK(read_is("a\n"));
}

/* Typed raw and not read: a line for who reads lines, and the other way round. */
static void test_modes_change_under_input(void)
{
	begin();
	type("li\nhalf", 7);
	set_flags(0, 0, 0);
	CHECK(read_is("li\nhalf"));
	type("raw", 3);
	set_flags(ICRNL, 0, ICANON);
	CHECK(ldisc_readable(&ldisc) && read_is("raw"));
	set_flags(IXON | IXANY, 0, ICANON);
	type("\x13", 1);
	CHECK(!ldisc_may_output(&ldisc));
	type("k", 1);
	CHECK(ldisc_may_output(&ldisc));
	type("\x13", 1);
	set_flags(0, 0, ICANON);
	CHECK(ldisc_may_output(&ldisc)); /* without IXON nobody could start it again */
}

static void test_signals_flush_or_not(void)
{
	begin();
	set_flags(ldisc.modes.iflag, 0, ldisc.modes.lflag | NOFLSH);
	type("kept\x1c", 5);
	CHECK(signalled == 3 && !effect.flushed);
	type("\n", 1);
	CHECK(read_is("kept\n"));
	type("\x1a", 1);
	CHECK_EQ(signalled, 20);
}

static void test_raw_polls_by_vmin(void)
{
	struct termios modes;

	begin();
	modes = ldisc.modes;
	modes.lflag = 0;
	modes.cc[VMIN] = 3;
	ldisc_set_modes(&ldisc, &modes);
	type("ab", 2);
	CHECK(!ldisc_pollable(&ldisc) && ldisc_readable(&ldisc));
	type("c", 1);
	CHECK(ldisc_pollable(&ldisc));
	CHECK(read_is("abc"));
	modes.cc[VTIME] = 1;
	ldisc_set_modes(&ldisc, &modes);
	type("d", 1);
	CHECK(ldisc_pollable(&ldisc));
}

static void test_output_processing(void)
{
	uint8_t out[2];
	uint32_t made;

	begin();
	CHECK(output_is("a\r\nb", "a\r\r\nb"));
	set_flags(0, OPOST | OCRNL, 0);
	CHECK(output_is("a\rb", "a\nb"));
	set_flags(0, OPOST | ONOCR, 0);
	CHECK(output_is("\r\rb\r\r", "\rb\r"));
	set_flags(0, OPOST | XTABS, 0);
	CHECK(output_is("ab\tc", "ab      c"));
	set_flags(0, OPOST | OLCUC, 0);
	CHECK(output_is("aZ1", "AZ1"));
	set_flags(0, 0, 0);
	CHECK(output_is("\n\r\t", "\n\r\t"));
	/* No half of a pair: what finds no room is not used. */
	set_flags(0, OPOST | ONLCR, 0);
	CHECK_EQ(ldisc_output(&ldisc, (const uint8_t *)"x\n", 2, out, 2, &made), 1);
	CHECK_EQ(made, 1);
}

int main(void)
{
	test_erasing_is_shown();
	test_characters_of_many_bytes();
	test_reprint_and_literal();
	test_ends_of_lines();
	test_modes_change_under_input();
	test_signals_flush_or_not();
	test_raw_polls_by_vmin();
	test_output_processing();
	test_canonical_lines();
	test_end_of_file();
	test_signals_and_raw_mode();
	test_input_is_bounded();
	return check_done("ldisc");
}
