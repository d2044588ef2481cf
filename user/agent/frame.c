/* SPDX-License-Identifier: BSD-2-Clause */
#include "user/agent/frame.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

uint16_t frame_u16(const uint8_t *data)
{
	return (uint16_t)(data[0] | data[1] << 8);
}

uint32_t frame_u32(const uint8_t *data)
{
	return (uint32_t)data[0] | (uint32_t)data[1] << 8 | (uint32_t)data[2] << 16 |
	       (uint32_t)data[3] << 24;
}

static void put_u32(uint8_t *to, uint32_t value)
{
	for (int i = 0; i < 4; i++)
		to[i] = (uint8_t)(value >> (8 * i));
}

bool link_fill(struct link *link)
{
	ssize_t got;

	if (link->start > 0) {
		memmove(link->buf, link->buf + link->start, link->end - link->start);
		link->end -= link->start;
		link->start = 0;
	}
	do {
		got = read(link->fd, link->buf + link->end, sizeof(link->buf) - link->end);
	} while (got < 0 && errno == EINTR);
	if (got <= 0)
		return false;
	link->end += (size_t)got;
	return true;
}

int link_take(struct link *link, struct frame *frame)
{
	const uint8_t *at = link->buf + link->start;
	size_t have = link->end - link->start;

	if (have < FRAME_HEADER)
		return 0;
	*frame = (struct frame){frame_u32(at), frame_u32(at + 4), at + FRAME_HEADER};
	if (frame->len > FRAME_MAX)
		return -1;
	if (have < FRAME_HEADER + frame->len)
		return 0;
	link->start += FRAME_HEADER + frame->len;
	return 1;
}

static void write_all(int fd, const uint8_t *data, size_t len)
{
	while (len > 0) {
		ssize_t put = write(fd, data, len);
		if (put < 0 && errno == EINTR)
			continue;
		if (put <= 0)
			exit(1);
		data += put;
		len -= (size_t)put;
	}
}

void link_send(const struct link *link, uint32_t type, const void *data, uint32_t len)
{
	static uint8_t out[FRAME_HEADER + FRAME_MAX];

	put_u32(out, type);
	put_u32(out + 4, len);
	memcpy(out + FRAME_HEADER, data, len);
	write_all(link->fd, out, FRAME_HEADER + (size_t)len);
}

void link_send_u32(const struct link *link, uint32_t type, uint32_t value)
{
	uint8_t bytes[4];

	put_u32(bytes, value);
	link_send(link, type, bytes, sizeof(bytes));
}
