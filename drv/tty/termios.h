/* SPDX-License-Identifier: BSD-2-Clause */
#pragma once
/* Linux's terminal settings: include/uapi/asm-generic/termbits.h. */
#include "kernel/lib/types.h"

#define TERMIOS_CC_COUNT 19

struct termios {
	uint32_t iflag;
	uint32_t oflag;
	uint32_t cflag;
	uint32_t lflag;
	uint8_t line;
	uint8_t cc[TERMIOS_CC_COUNT];
};
static_assert(sizeof(struct termios) == 36, "Linux's struct termios");

/* What TCGETS2 and its kin pass: the speeds as numbers too. */
struct termios2 {
	struct termios modes;
	uint32_t ispeed, ospeed; /* bits per second */
};
static_assert(sizeof(struct termios2) == 44, "Linux's struct termios2");

struct winsize {
	uint16_t rows, cols, xpixel, ypixel;
};
static_assert(sizeof(struct winsize) == 8, "Linux's struct winsize");

/* Indices of cc. */
#define VINTR    0
#define VQUIT    1
#define VERASE   2
#define VKILL    3
#define VEOF     4
#define VTIME    5
#define VMIN     6
#define VSTART   8
#define VSTOP    9
#define VSUSP    10
#define VEOL     11
#define VREPRINT 12
#define VDISCARD 13
#define VWERASE  14
#define VLNEXT   15
#define VEOL2    16

#define IGNBRK 0000001u
#define PARMRK 0000010u
#define ISTRIP 0000040u
#define INLCR  0000100u
#define IGNCR  0000200u
#define ICRNL  0000400u
#define IUCLC  0001000u
#define IXON   0002000u
#define IXANY  0004000u
#define IUTF8  0040000u

#define OPOST  0000001u
#define OLCUC  0000002u
#define ONLCR  0000004u
#define OCRNL  0000010u
#define ONOCR  0000020u
#define ONLRET 0000040u
#define TABDLY 0014000u
#define XTABS  0014000u

#define CBAUD   0010017u
#define CBAUDEX 0010000u
#define BOTHER  0010000u
#define B38400  0000017u
#define CSIZE   0000060u
#define CS8     0000060u
#define CREAD   0000200u
#define PARENB  0000400u
#define CIBAUD  02003600000u
#define IBSHIFT 16

#define ISIG    0000001u
#define ICANON  0000002u
#define ECHO    0000010u
#define ECHOE   0000020u
#define ECHOK   0000040u
#define ECHONL  0000100u
#define NOFLSH  0000200u
#define TOSTOP  0000400u
#define ECHOCTL 0001000u
#define ECHOPRT 0002000u
#define ECHOKE  0004000u
#define IEXTEN  0100000u
#define EXTPROC 0200000u
