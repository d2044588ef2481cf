/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A pseudo terminal for rules. Linux hands typed bytes over in a thread of its own; a read or poll
 * that finds nothing waits for it, so reading the slave until it has no more and only then the
 * master needs no time.
 */
#pragma once

#include <fcntl.h>
#include <poll.h>
#include <sys/ioctl.h>
#include <termios.h>

#include "rules.h"

#ifndef TIOCGPTPEER
#define TIOCGPTPEER 0x5441
#endif

static int master, slave;
static struct termios modes;

static inline void open_pair(void)
{
	int no = 0;
	int number = -1;
	char name[32];

	master = open("/dev/ptmx", O_RDWR | O_NOCTTY | O_NONBLOCK);
	if (master < 0 || ioctl(master, TIOCSPTLCK, &no) || ioctl(master, TIOCGPTN, &number))
		say("no pty: %s", strerror(errno));
	snprintf(name, sizeof(name), "/dev/pts/%d", number);
	slave = open(name, O_RDWR | O_NOCTTY | O_NONBLOCK);
	if (slave < 0 || tcgetattr(slave, &modes))
		say("no slave: %s", strerror(errno));
}

static inline void block(int fd)
{
	fcntl(fd, F_SETFL, fcntl(fd, F_GETFL) & ~O_NONBLOCK);
}

static inline void set_modes(void)
{
	if (tcsetattr(slave, TCSANOW, &modes))
		say("tcsetattr E%d", errno);
}

static inline void set_raw(unsigned min, unsigned time)
{
	cfmakeraw(&modes);
	modes.c_cc[VMIN] = (cc_t)min;
	modes.c_cc[VTIME] = (cc_t)time;
	set_modes();
}

static inline void type_bytes(const char *text, size_t len)
{
	if (write(master, text, len) != (ssize_t)len)
		say("typing E%d", errno);
}

static inline void type(const char *text)
{
	type_bytes(text, strlen(text));
}

/* Appends what="..." as in C, or what=E<errno>. */
static inline void say_bytes(const char *what, const char *bytes, ssize_t count)
{
	char text[1000];
	size_t at = 0;

	for (ssize_t i = 0; i < count && at < sizeof(text) - 8; i++) {
		unsigned char byte = (unsigned char)bytes[i];

		at += (size_t)snprintf(text + at, sizeof(text) - at,
				       byte > ' ' && byte < 127 ? "%c" : "\\%02x", byte);
	}
	text[at] = 0;
	say("%s=%s", what, text);
}

/* One read of the slave. */
static inline void ask_line(size_t size)
{
	char bytes[300];
	ssize_t count = read(slave, bytes, size);

	if (count < 0)
		ask("line", count);
	else
		say_bytes("line", bytes, count);
}

/* All lines that are there, then what the master sees. */
static inline void ask_all(void)
{
	char bytes[300];
	struct pollfd one = {.events = POLLIN};
	ssize_t count;

	while ((count = read(slave, bytes, sizeof(bytes))) > 0)
		say_bytes("line", bytes, count);
	one.fd = master;
	poll(&one, 1, 0);
	count = read(master, bytes, sizeof(bytes));
	/* Linux has the rest ready for a read that would find nothing. */
	for (ssize_t more = count; more > 0 && count < (ssize_t)sizeof(bytes); count += more) {
		more = read(master, bytes + count, sizeof(bytes) - (size_t)count);
		if (more < 0)
			break;
	}
	if (count < 0)
		ask("shown", count);
	else
		say_bytes("shown", bytes, count);
}
