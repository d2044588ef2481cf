/* SPDX-License-Identifier: BSD-2-Clause */
#pragma once
/* What the runner does for a program (selftest/program_service.h), and its own file to edit. */
#include "selftest/user/user.h"

#define SYS_open   2
#define SYS_stat   4
#define SYS_unlink 87

#define O_RDONLY 0
#define O_WRONLY 1
#define O_RDWR   2
#define O_CREAT  0100
#define O_TRUNC  01000

#define FAIL_ALLOCATION 1
#define END_FAILURE     2
#define DRAIN           3
#define WALK            4
#define FETCHES         5
#define POISON_STACK    6
#define POISON_SLABS    7

#define OWN_PATH "/.selftest"

/* The first six: free frames, slab objects, numbers, processes, timers, committed pages. */
#define STATE_COUNTERS 6

struct state {
	uint64_t counter[8];
};

static inline long service(long what, long value)
{
	return sys3(SYS_test_service, what, value, 0);
}

/* The stack begins anywhere in a page: what deeper calls will need of the next is there already. */
static inline void reach_down(void)
{
	volatile char below[4096];

	below[0] = 0;
	(void)below[0];
}

static inline struct state state_now(void)
{
	struct state state = {{0}};

	reach_down();
	CHECK(service(DRAIN, 0) == 0);
	CHECK(sys3(SYS_probe_state, 0, (long)&state, 0) == 0);
	return state;
}

/* In the log stands what the line of a failed check does not say. */
static inline void tell_number(const char *before, uint64_t number)
{
	char digits[20], *at = digits + sizeof(digits);
	size_t len = 0;

	do
		*--at = (char)('0' + number % 10);
	while (number /= 10);
	while (before[len])
		len++;
	sys3(SYS_write, 2, (long)before, (long)len);
	sys3(SYS_write, 2, (long)at, digits + sizeof(digits) - at);
}

static inline int same_state(const struct state *a, const struct state *b)
{
	for (unsigned i = 0; i < STATE_COUNTERS; i++) {
		if (a->counter[i] == b->counter[i])
			continue;
		tell_number("counter ", i);
		tell_number(" was ", a->counter[i]);
		tell_number(" and is ", b->counter[i]);
		sys3(SYS_write, 2, (long)"\n", 1);
		return 0;
	}
	return 1;
}

/* execve with up to one argument; returns only the error. */
static inline long exec_path(const char *path, const char *argument)
{
	const char *argv[] = {path, argument, NULL};
	const char *envp[] = {NULL};

	return sys3(SYS_execve, (long)path, (long)argv, (long)envp);
}

static inline int exit_code(int status)
{
	return (status & 0x7f) == 0 ? status >> 8 & 0xff : -1;
}

#define IMAGE_BYTES_MAX 0x10000ul

/* This program's own ELF in memory, to be edited and written to another file. */
static uint8_t own_image[IMAGE_BYTES_MAX];
static uint64_t own_size;

static inline void read_own_image(void)
{
	long fd = sys3(SYS_open, (long)OWN_PATH, O_RDONLY, 0);
	long got;

	CHECK(fd >= 0);
	got = sys3(SYS_read, fd, (long)own_image, sizeof(own_image));
	CHECK(got > 0 && (uint64_t)got < sizeof(own_image));
	own_size = (uint64_t)got;
	CHECK(sys3(SYS_close, fd, 0, 0) == 0);
}

static inline void write_image(const char *path, const uint8_t *image, uint64_t size)
{
	long fd = sys3(SYS_open, (long)path, O_WRONLY | O_CREAT | O_TRUNC, 0755);

	CHECK(fd >= 0);
	CHECK(sys3(SYS_write, fd, (long)image, (long)size) == (long)size);
	CHECK(sys3(SYS_close, fd, 0, 0) == 0);
}
