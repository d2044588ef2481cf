/* SPDX-License-Identifier: BSD-2-Clause */
#include "fs/path.h"
#include "tests/unit/check.h"

/* Components as "name", "." and ".." are marked <>; "!" last, "/" must be a directory. */
static void check_path(const char *path, const char *expected)
{
	size_t len = strlen(path);
	char *copy = check_copy(path, len);
	struct path_component part;
	struct path_iter iter;
	char got[256] = "";
	size_t used = 0;
	enum err error;

	CHECK_EQ(path_begin(&iter, copy, len), OK);
	CHECK_EQ(iter.absolute, path[0] == '/');
	while ((error = path_next(&iter, &part)) == OK)
		used += (size_t)snprintf(
			got + used, sizeof(got) - used,
			path_kind_of(part.name, path_name_len(&part)) == PATH_NAME ? "%.*s%s%s "
										   : "<%.*s>%s%s ",
			(int)path_name_len(&part), part.name, path_is_last(&iter) ? "!" : "",
			path_wants_dir(&iter, &part) ? "/" : "");
	CHECK_EQ(error, ERR_NOENT);
	if (strcmp(got, expected) != 0)
		fprintf(stderr, "%s: %s\n", path, got);
	CHECK(strcmp(got, expected) == 0);
	free(copy);
}

/* The next component by the plain rule, from *at on; NULL when there is none. */
static const char *plain_next(const char **at, const char *end, size_t *len)
{
	const char *name;

	while (*at < end && **at == '/')
		++*at;
	name = *at;
	while (*at < end && **at != '/')
		++*at;
	*len = (size_t)(*at - name);
	return *len ? name : NULL;
}

/* From the component at @from on, what is found is what the plain rule finds. */
static void check_rest(struct path_iter *iter, const char *from)
{
	struct path_component part;
	const char *name;
	size_t len;

	while ((name = plain_next(&from, iter->end, &len))) {
		CHECK_EQ(path_next(iter, &part), OK);
		CHECK(part.name == name && path_name_len(&part) == len);
		CHECK_EQ(part.tail_at - name, len & ~7ul);
		CHECK_EQ(part.tail, word_load_rest(part.tail_at, len & 7));
	}
	CHECK_EQ(path_next(iter, &part), ERR_NOENT);
}

/* Exact heap copies: a byte read outside of the text would be found. */
static void test_words(void)
{
	static const char letters[] = "ab\xaf\xff./";
	uint64_t seed = 9;
	char text[48];

	for (unsigned round = 0; round < 50000; round++) {
		size_t len = 1 + check_random(&seed) % 40;
		size_t slash = 2 + check_random(&seed) % 16;
		struct path_component part;
		struct path_iter iter;
		char *copy;

		for (size_t i = 0; i < len; i++)
			text[i] = check_random(&seed) % slash ? letters[check_random(&seed) % 5]
							      : letters[5];
		copy = check_copy(text, len);
		CHECK_EQ(path_begin(&iter, copy, len), OK);
		check_rest(&iter, copy);
		CHECK_EQ(path_begin(&iter, copy, len), OK);
		while (path_next(&iter, &part) == OK && !path_is_last(&iter)) {
			char *rest = check_copy(iter.at, (size_t)(iter.end - iter.at));
			struct path_iter resumed;

			path_resume(&resumed, rest, (size_t)(iter.end - iter.at));
			check_rest(&resumed, rest);
			free(rest);
		}
		copy[check_random(&seed) % len] = '\0';
		CHECK_EQ(path_begin(&iter, copy, len), ERR_INVAL);
		free(copy);
	}
}

static void test_limits(void)
{
	struct path_component part = {.tail = 77};
	struct path_iter iter;
	char name[4097];

	CHECK_EQ(path_begin(&iter, "", 0), ERR_NOENT);
	CHECK_EQ(path_begin(&iter, "a\0b", 3), ERR_INVAL);
	memset(name, 'a', sizeof(name));
	CHECK_EQ(path_begin(&iter, name, 4096), ERR_NAMETOOLONG);
	CHECK_EQ(path_begin(&iter, name, 4095), OK);
	CHECK_EQ(path_next(&iter, &part), ERR_NAMETOOLONG);
	CHECK_EQ(part.tail, 77);
	name[255] = '/';
	CHECK_EQ(path_begin(&iter, name, 256 + 255), OK);
	CHECK_EQ(path_next(&iter, &part), OK);
	CHECK_EQ(path_name_len(&part), 255);
	CHECK_EQ(path_next(&iter, &part), OK);
	CHECK_EQ(path_begin(&iter, name, 256 + 256), OK);
	CHECK_EQ(path_next(&iter, &part), OK);
	CHECK_EQ(path_next(&iter, &part), ERR_NAMETOOLONG);
	CHECK_EQ(path_check_name(name, 255), OK);
	CHECK_EQ(path_check_name(name, 256), ERR_NAMETOOLONG);
	CHECK_EQ(path_check_name("a/b", 3), ERR_INVAL);
	CHECK_EQ(path_check_name("a\0", 2), ERR_INVAL);
	CHECK_EQ(path_check_name(".", 1), ERR_INVAL);
	CHECK_EQ(path_check_name("..", 2), ERR_INVAL);
	CHECK_EQ(path_check_name("", 0), ERR_INVAL);
	CHECK_EQ(path_check_name("...", 3), OK);
}

int main(void)
{
	check_path("/", "");
	check_path("///", "");
	check_path("a", "a! ");
	check_path("/a", "a! ");
	check_path("a/", "a!/ ");
	check_path("a//", "a!/ ");
	check_path("//a//b", "a/ b! ");
	check_path(".", "<.>! ");
	check_path("..", "<..>! ");
	check_path("a/./../...", "a/ <.>/ <..>/ ...! ");
	check_path("../x/", "<..>/ x!/ ");
	check_path(".a/..b", ".a/ ..b! ");
	test_words();
	test_limits();
	return check_done("path");
}
