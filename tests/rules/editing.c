/* SPDX-License-Identifier: BSD-2-Clause */
/* The line discipline: what typed and written bytes become, and when a read ends. */
#include <sys/wait.h>

#include "terminal.h"

RULE(lines)
{
	open_pair();
	type("one\rtwo\n");
	ask_line(100);
	ask_line(2);
	ask_line(100);
	ask_all();
}

RULE(an_unfinished_line)
{
	open_pair();
	type("unfinished");
	ask_all();
	type("\n");
	ask_all();
}

RULE(erasing)
{
	open_pair();
	type("abc\x7f\x7f\n");
	ask_all();
	type("two words\x17s\n");
	ask_all();
	type("gone\x15kept\n");
	ask_all();
	type("\x7f\x15\x17\n");
	ask_all();
	type("a\tb\tc\x7f\x7f\x7f\x7f\n");
	ask_all();
}

RULE(erasing_without_a_screen)
{
	open_pair();
	modes.c_lflag &= ~(tcflag_t)(ECHOE | ECHOKE);
	set_modes();
	type("ab\x7f\x15x\n");
	ask_all();
	modes.c_lflag |= ECHOPRT | ECHOE;
	set_modes();
	type("abc\x7f\x7f"
	     "d\n");
	ask_all();
}

RULE(characters_of_many_bytes)
{
	open_pair();
	type("\xc3\xa9\x7f\n");
	ask_all();
	modes.c_iflag |= IUTF8;
	set_modes();
	type("\xc3\xa9\x7f\n");
	ask_all();
}

RULE(the_literal_key)
{
	open_pair();
	type("\x16\x7f\x16\x04\x16\x16\n");
	ask_all();
	modes.c_lflag &= ~(tcflag_t)IEXTEN;
	set_modes();
	type("\x16\n");
	ask_all();
}

RULE(reprinting)
{
	open_pair();
	type("abc\x12"
	     "d\n");
	ask_all();
}

RULE(end_of_file)
{
	open_pair();
	type("\x04");
	ask_line(100);
	type("abc\x04"
	     "d\n");
	ask_line(100);
	ask_line(100);
	type("xyz\x04");
	ask_line(3);
	ask_line(100);
}

RULE(other_ends_of_lines)
{
	int count = -1;

	open_pair();
	modes.c_cc[VEOL] = 'x';
	modes.c_cc[VEOL2] = 'y';
	set_modes();
	type("ax"
	     "by"
	     "\x04"
	     "z");
	ask_line(0);
	ask_line(1);
	ask("count", ioctl(slave, FIONREAD, &count));
	say("%d", count);
	ask_all();
}

RULE(newlines_are_mapped)
{
	open_pair();
	modes.c_iflag = IGNCR;
	set_modes();
	type("a\r\n");
	ask_all();
	modes.c_iflag = INLCR;
	modes.c_lflag &= ~(tcflag_t)ICANON;
	set_modes();
	type("a\r\n");
	ask_all();
	modes.c_iflag = ISTRIP;
	set_modes();
	type("\xe1");
	ask_all();
	modes.c_iflag = IUCLC;
	set_modes();
	type("Up");
	ask_all();
}

RULE(marks_of_parity)
{
	open_pair();
	modes.c_iflag = PARMRK;
	modes.c_lflag = 0;
	set_modes();
	type("a\xff");
	ask_all();
}

RULE(echo_of_newlines_alone)
{
	open_pair();
	modes.c_lflag = ICANON | ECHONL;
	set_modes();
	type("silent\n");
	ask_all();
}

RULE(control_keys_are_shown)
{
	open_pair();
	modes.c_lflag &= ~(tcflag_t)ISIG;
	set_modes();
	type("\x01\x1b\x03\x7f\n");
	ask_all();
	modes.c_lflag &= ~(tcflag_t)ECHOCTL;
	set_modes();
	type("\x01\x1b\n");
	ask_all();
}

static void ask_output(tcflag_t oflag, const char *text)
{
	modes.c_oflag = oflag;
	set_modes();
	ask("write", write(slave, text, strlen(text)));
	ask_all();
}

RULE(output_is_processed)
{
	open_pair();
	ask_output(OPOST | ONLCR, "a\nb\r\n");
	ask_output(OPOST | OCRNL, "a\rb");
	ask_output(OPOST | ONOCR, "\r\rab\r\rc\r");
	ask_output(OPOST | ONLRET | ONOCR, "ab\n\rc");
	ask_output(OPOST | XTABS, "\rab\tc\t");
	ask_output(OPOST | OLCUC, "abC1");
	ask_output(ONLCR, "a\n\tb");
}

RULE(a_long_line_is_cut)
{
	static char bytes[6000];
	ssize_t count, total = 0;

	open_pair();
	modes.c_lflag &= ~(tcflag_t)ECHO;
	set_modes();
	memset(bytes, 'z', sizeof(bytes));
	for (int i = 0; i < 12; i++) {
		type_bytes(bytes, 500);
		poll(&(struct pollfd){slave, POLLIN, 0}, 1, 0);
	}
	type("\n");
	while ((count = read(slave, bytes, sizeof(bytes))) > 0) {
		say("%ld %02x", (long)count, bytes[count - 1]);
		total += count;
	}
	ask("total", total);
}

RULE(raw_reads)
{
	open_pair();
	set_raw(0, 0);
	ask_line(10);
	type("abc");
	ask_all();
	set_raw(4, 0);
	ask_line(10);
	type("ab");
	ask("poll", poll(&(struct pollfd){slave, POLLIN, 0}, 1, 0));
	ask_line(10);
	type("abcd");
	ask("poll", poll(&(struct pollfd){slave, POLLIN, 0}, 1, 0));
	ask_line(2);
	ask_line(10);
}

RULE(a_read_that_waits_for_bytes)
{
	int status;

	open_pair();
	set_raw(3, 0);
	block(slave);
	if (fork() == 0) {
		ask_line(10);
		_exit(0);
	}
	type("ab");
	type("cdef");
	wait(&status);
}

RULE(a_read_that_waits_for_time)
{
	open_pair();
	block(slave);
	set_raw(0, 1);
	ask_line(10);
	type("a");
	ask_line(10);
	set_raw(9, 1);
	type("bc");
	ask_line(10);
}

RULE(modes_change_under_input)
{
	int count = -1;

	open_pair();
	type("line\nhalf");
	poll(&(struct pollfd){slave, POLLIN, 0}, 1, -1);
	ask_line(2);
	set_raw(1, 0);
	ask_all();
	type("raw");
	ask("poll", poll(&(struct pollfd){slave, POLLIN, 0}, 1, 0));
	modes.c_lflag |= ICANON;
	set_modes();
	ask("count", ioctl(slave, FIONREAD, &count));
	say("%d", count);
	ask_all();
}
