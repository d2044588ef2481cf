/* SPDX-License-Identifier: BSD-2-Clause */
#pragma once
/* Reading /proc in ring-3 selftest programs. */
#include "selftest/user/user.h"

#define SYS_getdents64 217
#define SYS_pread64    17

#define O_DIRECTORY 0200000
#define DT_DIR      4
#define DT_REG      8

#define PROC_TEXT_BYTES 65536

static char proc_text[PROC_TEXT_BYTES];

/* The whole file into proc_text, NUL-ended. Return: bytes, or an error. */
static inline long proc_read(const char *path)
{
	long fd = sys3(SYS_open, (long)path, 0, 0), len = 0, got;

	if (fd < 0)
		return fd;
	while ((got = sys3(SYS_read, fd, (long)(proc_text + len), PROC_TEXT_BYTES - 1 - len)) > 0)
		len += got;
	sys3(SYS_close, fd, 0, 0);
	proc_text[len] = 0;
	return got < 0 ? got : len;
}

static inline size_t text_len(const char *text)
{
	size_t len = 0;

	while (text[len])
		len++;
	return len;
}

static inline int begins(const char *text, const char *with)
{
	while (*with && *text == *with) {
		text++;
		with++;
	}
	return !*with;
}

static inline uint64_t number_at(const char *text)
{
	uint64_t value = 0;

	while (*text == ' ' || *text == '\t')
		text++;
	while (*text >= '0' && *text <= '9')
		value = value * 10 + (uint64_t)(*text++ - '0');
	return value;
}

/* The number behind "@key" at a line's begin; all ones where there is none. */
static inline uint64_t value_of(const char *path, const char *key)
{
	if (proc_read(path) < 0)
		return UINT64_MAX;
	for (const char *line = proc_text; *line;) {
		if (begins(line, key))
			return number_at(line + text_len(key));
		while (*line && *line++ != '\n')
			;
	}
	return UINT64_MAX;
}

/* Field @n (from 1 on) of N/stat; the name may hold anything, so they are counted from its end. */
static inline uint64_t stat_field(const char *path, unsigned n)
{
	const char *at = proc_text, *end = proc_text;

	if (proc_read(path) < 0)
		return UINT64_MAX;
	if (n == 1)
		return number_at(at);
	for (; *at; at++)
		if (*at == ')')
			end = at;
	at = end + 2;
	for (unsigned field = 3; field < n; field++)
		while (*at && *at++ != ' ')
			;
	return n == 3 ? (uint64_t)*at : number_at(at);
}

/* "/proc/" and a number and the rest. */
static inline const char *proc_path(long number, const char *rest)
{
	static char path[64];
	char digits[12];
	unsigned count = 0, at = 6;

	memcpy(path, "/proc/", 6);
	do
		digits[count++] = (char)('0' + number % 10);
	while (number /= 10);
	while (count)
		path[at++] = digits[--count];
	memcpy(path + at, rest, text_len(rest) + 1);
	return path;
}
