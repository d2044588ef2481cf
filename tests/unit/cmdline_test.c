/* SPDX-License-Identifier: BSD-2-Clause */
#include "kernel/lib/compiler.h"

#include "kernel/core/cmdline.h"
#include "tests/unit/check.h"

static void check_words(const char *line, const char *expected)
{
	char *copy = check_copy(line, strlen(line) + 1);
	struct cmdline_word word;
	struct cmdline cmdline;
	char got[512] = "";
	size_t used = 0;

	cmdline_begin(&cmdline, copy);
	memset(&word, 0xa5, sizeof(word));
	while (cmdline_next(&cmdline, &word)) {
		CHECK(word.value != NULL || word.value_len == 0);
		used += (size_t)snprintf(got + used, sizeof(got) - used, "[%.*s",
					 (int)word.name_len, word.name);
		if (word.value != NULL)
			used += (size_t)snprintf(got + used, sizeof(got) - used, "|%.*s",
						 (int)word.value_len, word.value);
		used += (size_t)snprintf(got + used, sizeof(got) - used, "]");
	}
	if (strcmp(got, expected) != 0)
		fprintf(stderr, "%s: %s, not %s\n", line, got, expected);
	CHECK(strcmp(got, expected) == 0);
	free(copy);
}

static void test_words(void)
{
	check_words("", "");
	check_words("  \t\n ", "");
	check_words("quiet", "[quiet]");
	check_words(" a  b\tc ", "[a][b][c]");
	check_words("a\rb\vc\fd\ne", "[a][b][c][d][e]");
	check_words("a=1 b= c==2 =d", "[a|1][b|][c|=2][=d]");
	check_words("a=\"x y\" b", "[a|x y][b]");
	check_words("\"a=x y\" b", "[a|x y][b]");
	check_words("\"a b\"c d", "[a b\"c][d]");
	check_words("a=\"x y", "[a|x y]");
	check_words("\"", "[]");
	check_words("a=\"", "[a|]");
	check_words("a=\"\"", "[a|]");
	check_words("\"a=\" b", "[a|][b]");
	check_words("selftest=M1-M3,only -- x=y", "[selftest|M1-M3,only][--][x|y]");
}

static void test_find(void)
{
	struct cmdline_word word = {0};
	char value[8] = "oldest";

	CHECK(cmdline_find("selftest=off quiet", "quiet", &word) && word.value == NULL);
	CHECK(cmdline_find("a=1 a=2", "a", &word) && word.value_len == 1 && *word.value == '2');
	CHECK(!cmdline_find("selftests=1 xselftest=1 self", "selftest", &word));
	CHECK(!cmdline_find("-- a=1", "a", &word));
	CHECK(cmdline_value("a=1234567", "a", value, sizeof(value)));
	CHECK(strcmp(value, "1234567") == 0);
	CHECK(!cmdline_value("a=12345678", "a", value, sizeof(value)));
	CHECK(!cmdline_value("a", "a", value, sizeof(value)));
	CHECK(cmdline_value("a=12", "a", value, sizeof(value)) && strcmp(value, "12") == 0);
	CHECK(cmdline_value("a=1234567", "a", value, sizeof(value)));
	CHECK(strcmp(value, "1234567") == 0);
}

/* What is appended is read up to its length; behind the line's end is what was there before. */
static bool append(char *line, size_t size, const char *more, size_t len)
{
	char *copy = check_copy(more, len);
	bool whole;

	memset(line + strlen(line) + 1, '~', size - strlen(line) - 1);
	whole = cmdline_append(line, size, copy, len);
	free(copy);
	return whole;
}

static void test_append_little(void)
{
	char line[8] = "one", two[2] = "", three[3] = "";

	CHECK(append(line, sizeof(line), "", 0) && strcmp(line, "one") == 0);
	CHECK(append(line, sizeof(line), "\0two", 4) && strcmp(line, "one") == 0);
	CHECK(append(line, sizeof(line), "two", 3) && strcmp(line, "one two") == 0);
	CHECK(append(two, sizeof(two), "a", 1) && strcmp(two, "a") == 0);
	CHECK(append(three, sizeof(three), "a", 1) && strcmp(three, "a") == 0);
	CHECK(!append(three, sizeof(three), "b", 1) && strcmp(three, "a") == 0);
	strcpy(line, "a");
	CHECK(append(line, sizeof(line), "b", 1) && strcmp(line, "a b") == 0);
	CHECK(append(line, sizeof(line), "\x1f\x20!", 3) && strcmp(line, "a b   !") == 0);
}

static void test_append(void)
{
	char line[16] = "";

	CHECK(append(line, sizeof(line), "one", 3));
	CHECK(append(line, sizeof(line), "two three", 3));
	CHECK(strcmp(line, "one two") == 0);
	CHECK(append(line, sizeof(line), "a\nb\x01\0c", 6));
	CHECK(strcmp(line, "one two a b ") == 0);
	CHECK(append(line, sizeof(line), "xy", 2));
	CHECK(strcmp(line, "one two a b  xy") == 0);
	CHECK(!append(line, sizeof(line), "z", 1));
	CHECK(strcmp(line, "one two a b  xy") == 0);
	strcpy(line, "one");
	CHECK(!append(line, sizeof(line), "four five sixseven", 18));
	CHECK(strcmp(line, "one four five") == 0);
	strcpy(line, "");
	CHECK(!append(line, sizeof(line), "aaaaaaaaaaaaaaaaaaaaaaa", 23));
	CHECK(strcmp(line, "") == 0);
	CHECK(append(line, sizeof(line), "fits exactly 15", 15));
	CHECK_EQ(strlen(line), 15);
}

/* As Linux: unknown name=value to the environment, unknown words to the arguments. */
static void test_for_init(void)
{
	static const char *const known[] = {"selftest", "quiet"};
	static const char *const expected[] = {"agent|com2", "single", "a=b", "--", "quiet", "c d"};
	struct cmdline_word word;
	struct cmdline cmdline;
	unsigned seen = 0;

	cmdline_begin(&cmdline,
		      "quiet agent=com2 usb.x=1 selftest=off single -- a=b -- quiet \"c d\"");
	while (cmdline_next_for_init(&cmdline, known, 2, &word)) {
		char got[64];

		snprintf(got, sizeof(got), "%.*s%s%.*s", (int)word.name_len, word.name,
			 word.value != NULL ? "|" : "", (int)word.value_len,
			 word.value != NULL ? word.value : "");
		CHECK(seen < ARRAY_SIZE(expected));
		CHECK(strcmp(got, expected[seen]) == 0);
		seen++;
	}
	CHECK_EQ(seen, ARRAY_SIZE(expected));
}

int main(void)
{
	test_words();
	test_find();
	test_append();
	test_append_little();
	test_for_init();
	return check_done("cmdline");
}
