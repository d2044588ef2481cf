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
		used += (size_t)snprintf(got + used, sizeof(got) - used,
					 part.kind == PATH_NAME ? "%.*s%s%s " : "<%.*s>%s%s ",
					 (int)part.len, part.name, part.last ? "!" : "",
					 part.must_be_dir ? "/" : "");
	CHECK_EQ(error, ERR_NOENT);
	if (strcmp(got, expected) != 0)
		fprintf(stderr, "%s: %s\n", path, got);
	CHECK(strcmp(got, expected) == 0);
	free(copy);
}

static void test_limits(void)
{
	struct path_component part = {.len = 77};
	struct path_iter iter;
	char name[4097];

	CHECK_EQ(path_begin(&iter, "", 0), ERR_NOENT);
	CHECK_EQ(path_begin(&iter, "a\0b", 3), ERR_INVAL);
	memset(name, 'a', sizeof(name));
	CHECK_EQ(path_begin(&iter, name, 4096), ERR_NAMETOOLONG);
	CHECK_EQ(path_begin(&iter, name, 4095), OK);
	CHECK_EQ(path_next(&iter, &part), ERR_NAMETOOLONG);
	CHECK_EQ(part.len, 77);
	name[255] = '/';
	CHECK_EQ(path_begin(&iter, name, 256 + 255), OK);
	CHECK_EQ(path_next(&iter, &part), OK);
	CHECK_EQ(part.len, 255);
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
	test_limits();
	return check_done("path");
}
