/* SPDX-License-Identifier: BSD-2-Clause */
/* What a line discipline keeps: its buffers to the last byte, and what a key or a change resets. */
#include "drv/tty/ldisc.h"
#include "tests/unit/check.h"

#define LDISC_LAST (LDISC_INPUT_BYTES - 1)

static struct ldisc ldisc;
static struct ldisc_effect effect;
static uint64_t seed = 5;

static void begin(uint32_t iflag, uint32_t lflag)
{
	struct termios modes;

	ldisc_init(&ldisc);
	modes = ldisc.modes;
	modes.iflag = iflag;
	modes.lflag = lflag;
	ldisc_set_modes(&ldisc, &modes);
}

static void change(uint32_t iflag, uint32_t lflag)
{
	struct termios modes = ldisc.modes;

	modes.iflag = iflag;
	modes.lflag = lflag;
	ldisc_set_modes(&ldisc, &modes);
}

static void type(const char *text)
{
	for (; *text; text++)
		ldisc_receive(&ldisc, (uint8_t)*text, &effect);
}

static void type_many(char byte, unsigned count)
{
	for (unsigned i = 0; i < count; i++)
		ldisc_receive(&ldisc, (uint8_t)byte, &effect);
}

/* One read of exactly @size bytes of room gives @text, and says whether the line ended. */
static bool reads(uint32_t size, const char *text, bool ends)
{
	uint8_t *line = malloc(size);
	bool ended = !ends;
	uint32_t count = ldisc_read(&ldisc, line, size, &ended);
	bool right = count == strlen(text) && memcmp(line, text, count) == 0 && ended == ends;

	free(line);
	return right;
}

static uint32_t pending_echo(void)
{
	uint32_t count;

	(void)ldisc_echo_peek(&ldisc, &count);
	return count;
}

static void take_echo(void)
{
	while (pending_echo())
		ldisc_echo_taken(&ldisc, pending_echo());
}

static void test_new(void)
{
	static const uint8_t keys[TERMIOS_CC_COUNT] = {3,  28, 127, 21, 4,  0,  1,  0, 17,
						       19, 26, 0,   18, 15, 23, 22, 0};

	ldisc_init(&ldisc);
	CHECK(ldisc.modes.iflag == 02400 && ldisc.modes.oflag == 05);
	CHECK(ldisc.modes.cflag == 0277 && ldisc.modes.lflag == 0105073);
	CHECK(memcmp(ldisc.modes.cc, keys, sizeof(keys)) == 0);
}

static void test_room(void)
{
	begin(0, 0);
	type_many('a', LDISC_INPUT_BYTES - 2);
	CHECK(ldisc_has_room(&ldisc));
	type_many('a', 1);
	CHECK(!ldisc_has_room(&ldisc));
	CHECK(reads(3, "aaa", false) && ldisc_has_room(&ldisc));
	type_many('b', 2);
	CHECK(ldisc_has_room(&ldisc));
	type_many('b', 1);
	CHECK(!ldisc_has_room(&ldisc));
	begin(PARMRK, 0);
	type_many('a', LDISC_INPUT_BYTES - 4);
	CHECK(ldisc_has_room(&ldisc));
	type_many('a', 1);
	CHECK(!ldisc_has_room(&ldisc));
	/* Who does not ask loses what is too much. */
	type_many('z', 2000);
	CHECK_EQ(ldisc_readable_count(&ldisc), LDISC_INPUT_BYTES);
	CHECK(reads(2, "aa", false));
}

/* Lines of all lengths through the whole buffer, against a queue of bytes. */
static void test_queue(bool lines)
{
	static uint8_t queue[1 << 17];
	uint32_t head = 0, tail = 0, made = 0;
	uint8_t out[64];
	bool ended;

	begin(0, lines ? ICANON : 0);
	while (made < sizeof(queue)) {
		for (uint64_t i = check_random(&seed) % 200; i && head < sizeof(queue); i--) {
			uint8_t byte = check_random(&seed) % 13 ? 'x' : '\n';

			if (head - tail >= LDISC_LAST)
				break;
			ldisc_receive(&ldisc, byte, &effect);
			queue[head++] = byte;
			made = lines && byte != '\n' ? made : head;
		}
		for (uint64_t i = check_random(&seed) % 30; i && tail < made; i--) {
			uint32_t size = 1 + (uint32_t)(check_random(&seed) % 64), want = 0;
			const uint8_t *from = queue + tail;

			CHECK_EQ(ldisc_readable_count(&ldisc), made - tail);
			do
				want++;
			while (want < size && tail + want < made &&
			       (!lines || from[want - 1] != '\n'));
			CHECK_EQ(ldisc_read(&ldisc, out, size, &ended), want);
			CHECK(memcmp(out, from, want) == 0);
			CHECK_EQ(ended, lines && from[want - 1] == '\n');
			tail += want;
		}
		if (head == sizeof(queue))
			break;
	}
}

static void test_ends(void)
{
	begin(0, ICANON);
	type("abc\x04"
	     "de\n");
	CHECK(reads(2, "ab", false) && reads(8, "c", true) && reads(1, "d", false));
	CHECK(reads(9, "e\n", true));
	begin(0, 0);
	type("abc");
	CHECK(reads(2, "ab", false) && reads(2, "c", false));
	ldisc.modes.cc[VMIN] = 3;
	type("de");
	CHECK(!ldisc_pollable(&ldisc));
	type("f");
	CHECK(ldisc_pollable(&ldisc));
}

static void test_signal(void)
{
	begin(IXON, ISIG | ICANON | ECHO);
	type("abc\x13");
	CHECK(pending_echo() == 3 && ldisc.stopped);
	type("\x03");
	/* What waits to be seen goes with what was typed, and the output goes on. */
	CHECK(effect.flushed && pending_echo() == 1 && !ldisc.stopped);
}

static void test_flow(void)
{
	begin(IXON, ICANON);
	type("\x13"
	     "k");
	CHECK(ldisc.stopped);
	change(IXON, ICANON | ECHO);
	CHECK(ldisc.stopped);
	change(IXON | IXANY, ICANON);
	ldisc.held = true;
	type("k");
	CHECK(ldisc.stopped && !ldisc_may_output(&ldisc));
	ldisc.held = false;
	type("k");
	CHECK(ldisc_may_output(&ldisc));
}

static void test_flush(void)
{
	begin(0, ICANON | IEXTEN | ISIG | ECHO | ECHOE | ECHOPRT);
	type("one\ntwo\nxy\x7f");
	CHECK(reads(8, "one\n", true) && ldisc_readable(&ldisc));
	take_echo();
	ldisc_flush(&ldisc);
	CHECK(!ldisc_readable(&ldisc) && ldisc_readable_count(&ldisc) == 0);
	type("y"); /* not behind an erased one */
	CHECK_EQ(pending_echo(), 1);
	type("\x03");
	CHECK_EQ(effect.signal, 2);
	type("z\n");
	CHECK(reads(8, "z\n", true) && !ldisc_readable(&ldisc));
	type("ab\x16");
	ldisc_flush(&ldisc);
	type("\x03");
	CHECK_EQ(effect.signal, 2);
}

static void test_changes(void)
{
	begin(0, ICANON);
	type("a\nb\n");
	change(IUTF8, ICANON | ECHO);
	CHECK(reads(8, "a\n", true));
	change(0, 0);
	type("raw");
	change(0, ICANON);
	type("x\n");
	CHECK(reads(8, "b\nraw", true) && reads(8, "x\n", true));
	begin(0, ICANON | IEXTEN | ISIG | ECHO | ECHOE | ECHOPRT);
	type("ab\x7f");
	take_echo();
	change(0, IEXTEN | ISIG | ECHO | ECHOE | ECHOPRT);
	type("y");
	CHECK_EQ(pending_echo(), 1);
	change(0, ICANON | IEXTEN | ISIG);
	type("\x16");
	change(0, ISIG);
	type("\x03");
	CHECK_EQ(effect.signal, 2);
}

static uint32_t output(const char *from, uint32_t room, char *to)
{
	uint8_t *out = malloc(room);
	uint32_t made, used = ldisc_output(&ldisc, (const uint8_t *)from, (uint32_t)strlen(from),
					   out, room, &made);

	memcpy(to, out, made);
	to[made] = '\0';
	free(out);
	return used;
}

static void test_output_room(void)
{
	char to[16];

	begin(0, ICANON);
	CHECK(output("abc", 2, to) == 2 && strcmp(to, "ab") == 0);
	ldisc.modes.oflag |= ONOCR;
	CHECK(output("\n\r", 2, to) == 1 && strcmp(to, "\r\n") == 0);
	ldisc.modes.oflag |= XTABS;
	CHECK(output("a\t", 3, to) == 1 && output("\t", 8, to) == 1);
	CHECK(strcmp(to, "       ") == 0);
	/* A newline without room leaves the unfinished line where it began. */
	begin(0, ICANON | ECHO | ECHOE);
	CHECK_EQ(output("abc", 3, to), 3);
	type("x\t");
	CHECK_EQ(output("\n", 1, to), 0);
	take_echo();
	type("\x7f");
	CHECK_EQ(pending_echo(), 4);
	/* A return takes it to the left edge. */
	begin(0, ICANON | ECHO | ECHOE);
	CHECK_EQ(output("abc", 3, to), 3);
	type("x\t");
	CHECK_EQ(output("\r", 1, to), 1);
	take_echo();
	type("\x7f");
	CHECK_EQ(pending_echo(), 7);
}

/* ECHOPRT shows what goes: a character of two bytes takes one column, wherever it is shown. */
static void test_erased_columns(void)
{
	char to[16];

	begin(IUTF8, ICANON | ECHO | ECHOE | ECHOPRT);
	ldisc.modes.oflag |= XTABS;
	type("\xc3\xa9\xc3\xa9\x7f");
	CHECK_EQ(output("\r", 1, to), 1);
	type("\x7f");
	/* "/" closes it: the é has the first column, of which its second byte takes one back. */
	CHECK(output("\t", 8, to) == 1 && strcmp(to, "       ") == 0);
}

static void test_echo_room(void)
{
	uint8_t bytes[LDISC_ECHO_BYTES + 1000];
	uint32_t count;

	begin(0, 0);
	memset(bytes, 'a', sizeof(bytes));
	ldisc_echo_put(&ldisc, bytes, LDISC_ECHO_BYTES - 96);
	ldisc_echo_taken(&ldisc, LDISC_ECHO_BYTES - 96);
	memset(bytes, 'b', 200);
	bytes[0] = 'f';
	ldisc_echo_put(&ldisc, bytes, 10);
	ldisc_echo_put(&ldisc, bytes + 1, sizeof(bytes) - 1);
	/* As far as there is room; in two parts, the first up to the buffer's end. */
	CHECK(*ldisc_echo_peek(&ldisc, &count) == 'f' && count == 96);
	ldisc_echo_taken(&ldisc, count);
	CHECK(*ldisc_echo_peek(&ldisc, &count) == 'b' && count == LDISC_ECHO_BYTES - 96);
	ldisc_echo_put(&ldisc, bytes, 97);
	ldisc_echo_taken(&ldisc, count);
	CHECK(*ldisc_echo_peek(&ldisc, &count) == 'f' && count == 96);
}

int main(void)
{
	test_new();
	test_room();
	test_queue(true);
	test_queue(false);
	test_ends();
	test_signal();
	test_flow();
	test_flush();
	test_changes();
	test_output_room();
	test_erased_columns();
	test_echo_room();
	return check_done("ldisc_state");
}
