/* SPDX-License-Identifier: BSD-2-Clause */
#include "drv/screen/palette.h"
#include "drv/screen/vt.h"
#include "drv/screen/width.h"
#include "tests/unit/check.h"

#define COLS 20
#define ROWS 6

static struct vt vt;
static struct cell main_cells[COLS * ROWS];
static struct cell alternate_cells[COLS * ROWS];

static void out(const char *text)
{
	vt_write(&vt, (const uint8_t *)text, strlen(text));
	CHECK(vt_sane(&vt));
}

static void begin(const char *text)
{
	vt_init(&vt, COLS, ROWS, main_cells, alternate_cells);
	out(text);
}

/* The ASCII text of row @y without the blanks on its right; other characters as '?'. */
static bool row_is(unsigned y, const char *text)
{
	const struct cell *row = vt_row(&vt, y);
	char found[COLS + 1];
	unsigned len = 0;

	for (unsigned x = 0; x < COLS; x++) {
		found[x] = row[x].code < 0x7f ? (char)row[x].code : '?';
		if (found[x] != ' ')
			len = x + 1;
	}
	found[len] = 0;
	if (strcmp(found, text) == 0)
		return true;
	fprintf(stderr, "row %u is \"%s\", not \"%s\"\n", y, found, text);
	return false;
}

static bool at(unsigned x, unsigned y)
{
	return vt.cursor.x == x && vt.cursor.y == y;
}

static bool answered(const char *text)
{
	bool same = vt.answer_len == strlen(text) && memcmp(vt.answer, text, vt.answer_len) == 0;

	vt.answer_len = 0;
	return same;
}

static void test_lines_and_wrap(void)
{
	begin("one\r\ntwo\n");
	CHECK(row_is(0, "one") && row_is(1, "two") && at(3, 2));
	begin("01234567890123456789");
	CHECK(at(19, 0) && row_is(1, "")); /* the wrap waits for the next character */
	out("\r\nx");
	CHECK(row_is(1, "x"));
	begin("01234567890123456789a");
	CHECK(row_is(1, "a") && at(1, 1));
	begin("01234567890123456789\b!");
	CHECK(row_is(0, "012345678901234567!9"));
	begin("\033[?7l01234567890123456789abc");
	CHECK(row_is(0, "0123456789012345678c") && row_is(1, "")); /* without autowrap */
	begin("1\r\n2\r\n3\r\n4\r\n5\r\n6\r\n7");
	CHECK(row_is(0, "2") && row_is(5, "7") && at(1, 5));
	begin("a\tb\tc\td");
	CHECK(row_is(0, "a       b       c  d"));
	begin("\033[3g\033[5G\033H\r\tx\033[20h\ny");
	CHECK(row_is(0, "    x") && row_is(1, "y"));
}

static void test_movement(void)
{
	begin("\033[3;5Hx\033[A\033[2D<\033[E>\033[99;99H.");
	CHECK(row_is(2, ">   x") && row_is(1, "   <") && row_is(5, "                   ."));
	begin("\033[H\033[99A\033[99D");
	CHECK(at(0, 0));
	out("\033[4d\033[7G\033[2B\033[3C\033[F");
	CHECK(at(0, 4));
	out("\0337\033[H\033[1;31m\0338");
	CHECK(at(0, 4) && vt.cursor.pen.foreground == 7);
	out("\033[2;3H\033[s\033[H\033[u");
	CHECK(at(2, 1));
	out("\033[32767;32767H\033[4294967295C\033[99999999999999999999B");
	CHECK(at(19, 5));
}

static void test_erase_and_edit(void)
{
	begin("abcdef\033[3G\033[K");
	CHECK(row_is(0, "ab"));
	begin("abcdef\033[3G\033[1K");
	CHECK(row_is(0, "   def"));
	begin("abcdef\033[3G\033[2@");
	CHECK(row_is(0, "ab  cdef"));
	begin("abcdef\033[3G\033[2P");
	CHECK(row_is(0, "abef"));
	begin("abcdef\033[3G\033[2X");
	CHECK(row_is(0, "ab  ef"));
	begin("abc\033[1G\033[4hxy");
	CHECK(row_is(0, "xyabc"));
	begin("1\r\n2\r\n3\033[2H\033[L");
	CHECK(row_is(0, "1") && row_is(1, "") && row_is(2, "2") && row_is(3, "3"));
	out("\033[2M");
	CHECK(row_is(1, "3") && row_is(2, ""));
	begin("1\r\n2\r\n3\033[2H\033[J");
	CHECK(row_is(0, "1") && row_is(1, "") && row_is(2, ""));
	begin("1\r\n2\r\n3\033[2H\033[1J");
	CHECK(row_is(0, "") && row_is(2, "3"));
	begin("1\r\n2\033[41m\033[2J");
	CHECK(row_is(0, "") && vt_row(&vt, 3)[3].background == 1); /* erased in the pen's colour */
	begin("\033#8");
	CHECK(row_is(5, "EEEEEEEEEEEEEEEEEEEE"));
}

static void test_region(void)
{
	begin("1\r\n2\r\n3\r\n4\r\n5\r\n6\033[2;4r");
	CHECK(at(0, 0));
	out("\033[4;1H\n");
	CHECK(row_is(0, "1") && row_is(1, "3") && row_is(3, "") && row_is(4, "5"));
	out("\033[2;1H\033M");
	CHECK(row_is(1, "") && row_is(2, "3") && row_is(4, "5"));
	out("\033[S");
	CHECK(row_is(1, "3"));
	out("\033[T");
	CHECK(row_is(1, "") && row_is(2, "3"));
	out("\033[?6h\033[1;1Ho\033[99;1Hp");
	CHECK(row_is(1, "o") && row_is(3, "p"));
	out("\033[6n");
	CHECK(answered("\033[3;2R"));
	out("\033[?6l\033[5;3r\033[0;7r"); /* regions that are none */
	CHECK(vt.top == 1 && vt.bottom == 4);
	out("\033[r");
	CHECK(vt.top == 0 && vt.bottom == ROWS);
}

static void test_styles(void)
{
	const struct cell *row;

	begin("\033[1;4;7;31;42ma\033[22;24;27mb\033[39;49mc\033[91;102md\033[0me");
	row = vt_row(&vt, 0);
	CHECK(row[0].flags == (CELL_BOLD | CELL_UNDERLINE | CELL_REVERSE));
	CHECK(row[0].foreground == 1 && row[0].background == 2 && row[1].flags == 0);
	CHECK(row[2].foreground == 7 && row[2].background == 0);
	CHECK(row[3].foreground == 9 && row[3].background == 10 && row[4].foreground == 7);
	begin("\033[38;5;200ma\033[48;2;255;0;0mb\033[38;2;1;2mc\033[38;5;999md\033[38me");
	row = vt_row(&vt, 0);
	CHECK(row[0].foreground == 200 && row[1].background == 196);
	CHECK(row[3].foreground == 255);
	begin("\033[1;2;3;4;5;6;7;8;9;10;11;12;13;14;15;16;17;18;31mx");
	CHECK(vt_row(&vt, 0)[0].foreground == 7); /* more parameters than there is room for */
	for (unsigned i = 16; i < 256; i++) {
		uint32_t rgb = palette_rgb((uint8_t)i);

		CHECK(palette_rgb(palette_nearest(rgb >> 16, rgb >> 8 & 255, rgb & 255)) == rgb);
	}
}

static void test_alternate(void)
{
	begin("shell\033[?1049hvi\033[?25l");
	CHECK(row_is(0, "     vi") && !(vt.modes & VT_CURSOR));
	out("\033[2J\033[?1049l\033[?25h");
	CHECK(row_is(0, "shell") && at(5, 0) && vt.modes & VT_CURSOR);
	out("\033[?1h");
	CHECK(vt.modes & VT_APP_CURSOR);
	out("\033c");
	CHECK(row_is(0, "") && vt.modes == (VT_AUTOWRAP | VT_CURSOR));
}

static void test_characters(void)
{
	begin("\xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80x");
	CHECK(vt_row(&vt, 0)[0].code == 0xe9 && vt_row(&vt, 0)[1].code == 0x20ac);
	CHECK(vt_row(&vt, 0)[2].flags == CELL_WIDE && vt_row(&vt, 0)[3].flags == CELL_TAIL);
	CHECK(vt_row(&vt, 0)[4].code == 'x');
	out("\033[4Gy"); /* over the right half */
	CHECK(vt_row(&vt, 0)[2].code == ' ' && vt_row(&vt, 0)[3].code == 'y');
	begin("\xc0\xaf\xe0\x80\xff\xed\xa0\x80\xf4\x90.\xe2\x82"); /* nothing well-formed but the
								       dot */
	for (unsigned x = 0; x < 10; x++)
		CHECK(vt_row(&vt, 0)[x].code == 0xfffd);
	CHECK(vt_row(&vt, 0)[10].code == '.' && at(11, 0));
	begin("e\xcc\x81.\xe2\x80\x8b."); /* combining and invisible ones take no cell */
	CHECK(row_is(0, "e..") && at(3, 0));
	begin("0123456789012345678\xe4\xb8\x80"); /* no room for two columns: on the next line */
	CHECK(vt_row(&vt, 1)[0].code == 0x4e00 && row_is(0, "0123456789012345678"));
	begin("\033(0lqk\033(Bq\016q\017q");
	CHECK(vt_row(&vt, 0)[0].code == 0x250c && vt_row(&vt, 0)[1].code == 0x2500);
	CHECK(vt_row(&vt, 0)[3].code == 'q' && vt_row(&vt, 0)[4].code == 0x2500);
	CHECK(vt_row(&vt, 0)[5].code == 'q');
	CHECK(width_of(0xad) == 1 && width_of(0x301) == 0 && width_of(0x1100) == 2);
	CHECK(width_of(0x3134a) == 2 && width_of(0x10ffff) == 1 && width_of(0xe01ef) == 0);
}

static void test_answers(void)
{
	begin("\033[5n\033[3;4H\033[6n\033[c\033Z");
	CHECK(answered("\033[0n\033[3;4R\033[?6c\033[?6c"));
	for (unsigned i = 0; i < 100; i++)
		out("\033[6n");
	CHECK(vt.answer_len <= VT_ANSWER_MAX && vt.answer_len % 6 == 0); /* whole ones only */
	vt.answer_len = 0;
	out("\033[?6n\033[>c\033[1c");
	CHECK(answered(""));
}

static void test_what_is_ignored(void)
{
	begin("a\033]0;title\007b\033]2;x\033\\c\033P1$q\033\\d\033_x\033\\e");
	CHECK(row_is(0, "abcde"));
	begin("\033]P1aabbccx\033]Ry\033[[Az");
	CHECK(row_is(0, "xyz"));
	begin("\033[>4;2ma\033[38:2:1:2:3mb\033[!pc\033[?2004hd\033[1 qe");
	CHECK(row_is(0, "abcde"));
	begin("\033[12\030a\033[3\033[1mb\033%Gc\033\x7f"
	      "d");
	CHECK(row_is(0, "abcd") && vt_row(&vt, 0)[1].flags == CELL_BOLD);
	begin("\033]never ended\r\nx");
	CHECK(row_is(1, "x"));   /* the end of the line ends it */
	begin("\033[2\r;3\nHx"); /* control characters within a sequence */
	CHECK(row_is(1, "  x"));
	begin("a\0\1\2\5\7\x7f"
	      "b");
	CHECK(row_is(0, "a"));
}

static void aside(const char *text)
{
	vt_write_aside(&vt, (const uint8_t *)text, strlen(text));
	CHECK(vt_sane(&vt));
}

/* Somebody in the middle of a sequence, of a character, of a line, of a region. */
static void test_lines_from_aside(void)
{
	begin("\033[31");
	aside("log\r\n");
	out("mx");
	CHECK(row_is(0, "log") && row_is(1, "x") && vt_row(&vt, 1)[0].foreground == 1);
	CHECK(vt_row(&vt, 0)[0].foreground == 7);
	begin("ab\033(0\033[4h\033[7m\xe2\x94");
	aside("\033[1;32mq\033[m\r\n");
	CHECK(row_is(0, "ab") && vt_row(&vt, 1)[0].code == 'q' &&
	      vt_row(&vt, 1)[0].flags == CELL_BOLD);
	out("\x80q");
	CHECK(vt_row(&vt, 2)[0].code == 0x2500 && vt_row(&vt, 2)[1].code == 0x2500);
	CHECK(vt_row(&vt, 2)[0].flags == CELL_REVERSE && vt.modes & VT_INSERT);
	begin("01234567890123456789");
	aside("log\r\n");
	CHECK(row_is(1, "log") && at(0, 2));
	begin("\033[?1049h\033[?25l");
	aside("log\r\n");
	CHECK(row_is(0, "log") && vt.modes & VT_ALTERNATE && !(vt.modes & VT_CURSOR));
}

/* Random bytes, rich in what means something: everything stays in its bounds. */
static void test_garbage(void)
{
	static const char rich[] =
		"\033\033\033[[[;;?0123456789999ABCDEFGHIJKLMPXSTZ@`acdefghlmnrsu"
		"\n\r\t\b\016\017 ()#\xe4\xb8\x80\xcc\x81xyz";
	uint64_t state = 1;

	begin("");
	for (unsigned round = 0; round < 20000; round++) {
		uint8_t bytes[16];

		for (unsigned i = 0; i < sizeof(bytes); i++) {
			uint64_t value = check_random(&state);

			bytes[i] = value & 7 ? (uint8_t)rich[value / 8 % (sizeof(rich) - 1)]
					     : (uint8_t)(value >> 8);
		}
		vt_write(&vt, bytes, sizeof(bytes));
		CHECK(vt_sane(&vt));
		vt.answer_len = 0;
	}
	out("\033c");
	out("still here");
	CHECK(row_is(0, "still here"));
}

int main(void)
{
	test_lines_and_wrap();
	test_movement();
	test_erase_and_edit();
	test_region();
	test_styles();
	test_alternate();
	test_characters();
	test_answers();
	test_what_is_ignored();
	test_lines_from_aside();
	test_garbage();
	return check_done("vt");
}
