/* SPDX-License-Identifier: BSD-2-Clause */
#include <limits.h>

#include "kernel/lib/format.h"

#include "tests/unit/check.h"

/* The same text and length as the C library's, whole and cut at every size. */
#define SAME(...)                                                                \
	do {                                                                     \
		char ours[128];                                                  \
		char theirs[128];                                                \
		int len = snprintf(theirs, sizeof(theirs), __VA_ARGS__);         \
                                                                                 \
		CHECK_EQ(format_text(ours, sizeof(ours), __VA_ARGS__), len);     \
		if (strcmp(ours, theirs) != 0)                                   \
			fprintf(stderr, "'%s', not '%s'\n", ours, theirs);       \
		CHECK(strcmp(ours, theirs) == 0);                                \
		for (size_t size = 0; size <= (size_t)len; size++) {             \
			char *cut = malloc(size);                                \
                                                                                 \
			CHECK_EQ(format_text(cut, size, __VA_ARGS__), len);      \
			CHECK(size == 0 || strncmp(cut, theirs, size - 1) == 0); \
			CHECK(size == 0 || cut[size - 1] == '\0');               \
			free(cut);                                               \
		}                                                                \
	} while (0)

static void test_numbers(void)
{
	static const long long value[] = {
		0, 1, -1, 42, -42, INT_MAX, INT_MIN, LLONG_MAX, LLONG_MIN, 0x123456789abcdefll};

	for (size_t i = 0; i < sizeof(value) / sizeof(value[0]); i++) {
		long long v = value[i];

		SAME("%d %u %x %X", (int)v, (unsigned)v, (unsigned)v, (unsigned)v);
		SAME("%ld|%lu|%lx", (long)v, (unsigned long)v, (unsigned long)v);
		SAME("%lld|%llu|%llX", v, (unsigned long long)v, (unsigned long long)v);
		SAME("%zu|%zx", (size_t)v, (size_t)v);
		SAME("%hd|%hhd|%hu|%hhx", (short)v, (signed char)v, (unsigned short)v,
		     (unsigned char)v);
		SAME("[%20lld][%-20lld][%020lld]", v, v, v);
		SAME("[%3d][%-3d][%03d]", (int)v, (int)v, (int)v);
		SAME("[%.5d][%8.5d][%-8.5x]", (int)v, (int)v, (unsigned)v);
		SAME("[%*d][%-*d]", 9, (int)v, 9, (int)v);
		SAME("%016llx", (unsigned long long)v);
	}
}

static void test_text(void)
{
	const char *open_ended = check_copy("abc", 3);

	SAME("%s", "");
	SAME("plain");
	SAME("100%%");
	SAME("[%s][%10s][%-10s]", "text", "text", "text");
	SAME("[%.2s][%10.2s][%-10.2s][%.0s]", "text", "text", "text", "text");
	SAME("[%.*s]", 3, open_ended);
	SAME("%c%c|%3c|%-3c|", 'a', 'b', 'c', 'd');
	free((void *)(uintptr_t)open_ended);
}

int main(void)
{
	test_numbers();
	test_text();
	return check_done("format");
}
