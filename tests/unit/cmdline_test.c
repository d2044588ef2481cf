/* SPDX-License-Identifier: BSD-2-Clause */
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
	while (cmdline_next(&cmdline, &word)) {
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
	check_words("a=1 b= c==2 =d", "[a|1][b|][c|=2][=d]");
	check_words("a=\"x y\" b", "[a|x y][b]");
	check_words("\"a=x y\" b", "[a|x y][b]");
	check_words("\"a b\"c d", "[a b\"c][d]");
	check_words("a=\"x y", "[a|x y]");
	check_words("\"", "[]");
	check_words("a=\"", "[a|]");
	check_words("a=\"\"", "[a|]");
	check_words("selftest=M1-M3,only -- x=y", "[selftest|M1-M3,only][--][x|y]");
}

static void test_find(void)
{
	struct cmdline_word word = {0};
	char value[8] = "old";

	CHECK(cmdline_find("selftest=off quiet", "quiet", &word) && word.value == NULL);
	CHECK(cmdline_find("a=1 a=2", "a", &word) && word.value_len == 1 && *word.value == '2');
	CHECK(!cmdline_find("selftests=1 xselftest=1 self", "selftest", &word));
	CHECK(!cmdline_find("-- a=1", "a", &word));
	CHECK(cmdline_value("a=1234567", "a", value, sizeof(value)));
	CHECK(strcmp(value, "1234567") == 0);
	CHECK(!cmdline_value("a=12345678", "a", value, sizeof(value)));
	CHECK(!cmdline_value("a", "a", value, sizeof(value)));
	CHECK(strcmp(value, "1234567") == 0);
}

static void test_append(void)
{
	char line[16] = "";

	CHECK(cmdline_append(line, sizeof(line), "one", 3));
	CHECK(cmdline_append(line, sizeof(line), "two three", 3));
	CHECK(strcmp(line, "one two") == 0);
	CHECK(cmdline_append(line, sizeof(line), "a\nb\x01\0c", 6));
	CHECK(strcmp(line, "one two a b ") == 0);
	CHECK(cmdline_append(line, sizeof(line), "xy", 2));
	CHECK(strcmp(line, "one two a b  xy") == 0);
	CHECK(!cmdline_append(line, sizeof(line), "z", 1));
	CHECK(strcmp(line, "one two a b  xy") == 0);
	strcpy(line, "one");
	CHECK(!cmdline_append(line, sizeof(line), "four five sixseven", 18));
	CHECK(strcmp(line, "one four five") == 0);
	strcpy(line, "");
	CHECK(!cmdline_append(line, sizeof(line), "aaaaaaaaaaaaaaaaaaaaaaa", 23));
	CHECK(strcmp(line, "") == 0);
	CHECK(cmdline_append(line, sizeof(line), "fits exactly 15", 15));
	CHECK_EQ(strlen(line), 15);
}

/* As Linux: unknown name=value to the environment, unknown words to the arguments. */
static void test_for_init(void)
{
	static const char *const known[] = {"selftest", "quiet"};
	static const char *const expected[] = {"agent|com2", "single", "a=b", "--", "quiet"};
	struct cmdline_word word;
	struct cmdline cmdline;
	unsigned seen = 0;

	cmdline_begin(&cmdline, "quiet agent=com2 usb.x=1 selftest=off single -- a=b -- quiet");
	while (cmdline_next_for_init(&cmdline, known, 2, &word)) {
		char got[64];

		snprintf(got, sizeof(got), "%.*s%s%.*s", (int)word.name_len, word.name,
			 word.value != NULL ? "|" : "", (int)word.value_len,
			 word.value != NULL ? word.value : "");
		CHECK(seen < 5);
		CHECK(strcmp(got, expected[seen]) == 0);
		seen++;
	}
	CHECK_EQ(seen, 5);
}

int main(void)
{
	test_words();
	test_find();
	test_append();
	test_for_init();
	return check_done("cmdline");
}
