/* SPDX-License-Identifier: BSD-2-Clause */
#pragma once
/*
 * The frames of the agent: what goes over COM2 between the launcher and a guest.
 *
 * A frame is a little-endian u32 type, a u32 length of at most FRAME_MAX and so many bytes.
 *
 *	down	START	u32 version, u32 uid, u32 argc, u32 envc, u32 terminal, u16 rows,
 *			u16 columns, argc + envc strings, cwd; terminal: 0 for three pipes, 1 for a
 *			pseudo terminal of that size, whose output is all STDOUT
 *		STDIN	bytes, never more than the credit granted
 *		EOF	nothing: the end of standard input
 *		SIGNAL	u32 number, for the program's process group
 *		WINSIZE	u16 rows, u16 columns: the terminal's new size
 *	up	READY	u32 version: waiting for a START
 *		CREDIT	u32 bytes of STDIN which may be sent beside STDIN_WINDOW for each program
 *		STDOUT, STDERR	bytes
 *		STATUS	u32 wait status: the program has ended, and this is its last frame
 */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
	FRAME_VERSION = 2,
	FRAME_HEADER = 8,
	FRAME_MAX = 16384,
	STDIN_WINDOW = 64 * 1024, /* granted by START itself */
};

enum frame_type {
	FRAME_START = 1,
	FRAME_STDIN = 2,
	FRAME_EOF = 3,
	FRAME_SIGNAL = 4,
	FRAME_WINSIZE = 5,

	FRAME_READY = 16,
	FRAME_CREDIT = 17,
	FRAME_STDOUT = 18,
	FRAME_STDERR = 19,
	FRAME_STATUS = 20,
};

/* One received frame; its bytes stay valid until the next link_fill(). */
struct frame {
	uint32_t type;
	uint32_t len;
	const uint8_t *data;
};

/* The line to the launcher, with what has been received and not yet taken. */
struct link {
	int fd;
	size_t start, end;
	uint8_t buf[2 * (FRAME_HEADER + FRAME_MAX)];
};

/* Read what the line holds, waiting for at least one byte. Return: false at its end or an error. */
bool link_fill(struct link *link);

/* Take the next whole frame. Return: 1 if there was one, 0 if not yet, -1 if it is malformed. */
int link_take(struct link *link, struct frame *frame);

/* Send one frame, waiting for room on the line. Does not return when the line is dead. */
void link_send(const struct link *link, uint32_t type, const void *data, uint32_t len);
void link_send_u32(const struct link *link, uint32_t type, uint32_t value);

/* The little-endian numbers at any address. */
uint16_t frame_u16(const uint8_t *data);
uint32_t frame_u32(const uint8_t *data);
