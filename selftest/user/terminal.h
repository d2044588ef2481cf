/* SPDX-License-Identifier: BSD-2-Clause */
#pragma once
/* Pseudo terminals for ring-3 selftest programs. */
#include "selftest/user/service.h"
#include "selftest/user/signals.h"

#define SYS_poll    7
#define SYS_ioctl   16
#define SYS_setsid  112
#define SYS_setpgid 109

#define SIGHUP 1
#define SIGINT 2

#define EIO    5
#define ENXIO  6
#define ENOTTY 25

#define O_NOCTTY   0400
#define O_NONBLOCK 04000

#define TCGETS     0x5401
#define TCSETS     0x5402
#define TCFLSH     0x540b
#define TIOCSCTTY  0x540e
#define TIOCSPGRP  0x5410
#define FIONREAD   0x541b
#define TIOCGPTN   0x80045430
#define TIOCSPTLCK 0x40045431

#define VTIME 5
#define VMIN  6

#define POLLIN  1
#define POLLHUP 0x10

struct modes {
	uint32_t iflag, oflag, cflag, lflag;
	uint8_t line, cc[19];
};

static inline long control(long fd, long command, const void *arg)
{
	return sys3(SYS_ioctl, fd, command, (long)arg);
}

static inline long open_master(void)
{
	return sys3(SYS_open, (long)"/dev/ptmx", O_RDWR | O_NOCTTY | O_NONBLOCK, 0);
}

static inline int number_of(long master)
{
	int number = -1;

	return control(master, TIOCGPTN, &number) ? -1 : number;
}

static inline long unlock(long master)
{
	return control(master, TIOCSPTLCK, &(int){0});
}

/* The slave of a number below ten. */
static inline long open_slave(int number, long flags)
{
	char name[] = "/dev/pts/0";

	name[9] = (char)('0' + number);
	return sys3(SYS_open, (long)name, O_RDWR | flags, 0);
}

static inline long put(long fd, const char *text, long len)
{
	return sys3(SYS_write, fd, (long)text, len);
}

static inline long get(long fd, char *to, long size)
{
	return sys3(SYS_read, fd, (long)to, size);
}

/* Whether one read of @fd gives just @text. */
static inline int gives(long fd, const char *text, long len)
{
	char bytes[64];

	return get(fd, bytes, sizeof(bytes)) == len && !memcmp(bytes, text, (size_t)len);
}

#define PUT(fd, text)   (put((fd), (text), sizeof(text) - 1) == sizeof(text) - 1)
#define GIVES(fd, text) gives((fd), (text), sizeof(text) - 1)

static inline long set_raw(long fd, uint8_t min, uint8_t time)
{
	struct modes modes;

	if (control(fd, TCGETS, &modes))
		return -1;
	modes.iflag = 0;
	modes.lflag = 0;
	modes.cc[VMIN] = min;
	modes.cc[VTIME] = time;
	return control(fd, TCSETS, &modes);
}

static inline int polled(long fd)
{
	struct {
		int fd;
		short events, revents;
	} entry = {(int)fd, POLLIN, 0};

	return sys3(SYS_poll, (long)&entry, 1, 0) < 0 ? -1 : entry.revents;
}
