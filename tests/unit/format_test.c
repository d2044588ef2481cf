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
		/* More is handed over than the conversion takes. */
		SAME("%hd|%hhd|%hu|%hhx", (int)v, (int)v, (unsigned)v, (unsigned)v);
		SAME("[%20lld][%-20lld][%020lld]", v, v, v);
		SAME("[%3d][%-3d][%03d]", (int)v, (int)v, (int)v);
		SAME("[%.5d][%8.5d][%-8.5x]", (int)v, (int)v, (unsigned)v);
		SAME("[%*d][%-*d][%*d]", 9, (int)v, 9, (int)v, 1, (int)v);
		SAME("[%19d][%-29u]", (int)v, (unsigned)v);
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
	SAME("[%*s][%*s]", 0, "", 1, "");
	SAME("%c%c|%3c|%-3c|", 'a', 'b', 'c', 'd');
	free((void *)(uintptr_t)open_ended);
}

#define OURS(text, ...)                                                               \
	do {                                                                          \
		char ours[128];                                                       \
                                                                                      \
		CHECK_EQ(format_text(ours, sizeof(ours), __VA_ARGS__), strlen(text)); \
		CHECK(strcmp(ours, text) == 0);                                       \
	} while (0)

/* What the C library says otherwise, or its compiler warns of. */
static void test_own(void)
{
	const char *volatile nothing = NULL;
	const char *cut_off = check_copy("100%", 5), *cut_word = check_copy("1%5l", 5);
	char zeros[71] = "     -";

	OURS("[(null)][(n]", "[%s][%.2s]", nothing, nothing);
	OURS("[0][1234abcdef][  ff]", "[%p][%p][%4p]", NULL, (void *)0x1234abcdefl, (void *)255);
	OURS("100", cut_off);
	OURS("1", cut_word);
	/* As many digits as the longest number of base 2 would have. */
	memset(zeros + 6, '0', 63);
	zeros[69] = '7';
	OURS(zeros, "%070d", -7);
	free((void *)(uintptr_t)cut_off);
	free((void *)(uintptr_t)cut_word);
}

int main(void)
{
	test_numbers();
	test_text();
	test_own();
	return check_done("format");
}
