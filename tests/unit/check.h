/* SPDX-License-Identifier: BSD-2-Clause */
#pragma once
/* What a host test needs: checks that count and name their line, and random numbers. */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static unsigned check_count;

static inline void check_failed(const char *file, int line, const char *what)
{
	fprintf(stderr, "%s:%d: failed: %s\n", file, line, what);
	abort();
}

#define CHECK(condition)                                              \
	do {                                                          \
		check_count++;                                        \
		if (!(condition))                                     \
			check_failed(__FILE__, __LINE__, #condition); \
	} while (0)

#define CHECK_EQ(a, b)                                                                           \
	do {                                                                                     \
		long long check_a = (long long)(a);                                              \
		long long check_b = (long long)(b);                                              \
		check_count++;                                                                   \
		if (check_a != check_b) {                                                        \
			fprintf(stderr, "%s:%d: %s is %lld, not %lld\n", __FILE__, __LINE__, #a, \
				check_a, check_b);                                               \
			abort();                                                                 \
		}                                                                                \
	} while (0)

/* xorshift64*: the same numbers in every run. */
static inline uint64_t check_random(uint64_t *state)
{
	*state ^= *state >> 12;
	*state ^= *state << 25;
	*state ^= *state >> 27;
	return *state * 0x2545f4914f6cdd1d;
}

/* A heap copy of exactly @len bytes, so that reading one byte beyond is caught. */
static inline void *check_copy(const void *data, size_t len)
{
	void *copy = malloc(len);

	if (len > 0)
		memcpy(copy, data, len);
	return copy;
}

static inline int check_done(const char *name)
{
	printf("%s: %u checks passed\n", name, check_count);
	return check_count == 0;
}
