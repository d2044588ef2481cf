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
#define ISTRIP 0000040u
#define INLCR  0000100u
#define IGNCR  0000200u
#define ICRNL  0000400u
#define IXON   0002000u
#define IXANY  0004000u

#define OPOST  0000001u
#define ONLCR  0000004u
#define OCRNL  0000010u
#define ONLRET 0000040u

#define B38400 0000017u
#define CS8    0000060u
#define CREAD  0000200u

#define ISIG    0000001u
#define ICANON  0000002u
#define ECHO    0000010u
#define ECHOE   0000020u
#define ECHOK   0000040u
#define ECHONL  0000100u
#define NOFLSH  0000200u
#define TOSTOP  0000400u
#define ECHOCTL 0001000u
#define ECHOKE  0004000u
#define IEXTEN  0100000u
