/* SPDX-License-Identifier: BSD-2-Clause */
#include "proc/shebang.h"
#include "tests/unit/check.h"

static void check_line(const char *text, size_t len, const char *interpreter, const char *argument)
{
	char *copy = check_copy(text, len);
	struct shebang out = {.argument_len = 4242};
	enum err error = shebang_parse(copy, len, &out);

	CHECK_EQ(error, interpreter != NULL ? OK : ERR_NOEXEC);
	if (error == OK) {
		CHECK_EQ(out.interpreter_len, strlen(interpreter));
		CHECK(memcmp(out.interpreter, interpreter, out.interpreter_len) == 0);
		CHECK_EQ(out.argument_len, strlen(argument));
		CHECK(memcmp(out.argument, argument, out.argument_len) == 0);
	} else {
		CHECK_EQ(out.argument_len, 4242);
	}
	free(copy);
}

static void check_text(const char *text, const char *interpreter, const char *argument)
{
	check_line(text, strlen(text), interpreter, argument);
}

/* A line of exactly @len bytes, newline included, in a longer file. */
static void test_long_lines(void)
{
	char file[400];

	memset(file, 'x', sizeof(file));
	memcpy(file, "#!/bin/sh ", 10);
	CHECK_EQ(sizeof(file), 400);
	struct shebang out;
	/* The argument is cut, as Linux cuts it; the interpreter is whole. */
	CHECK_EQ(shebang_parse(file, 256, &out), OK);
	CHECK_EQ(out.argument_len, 245);
	/* The name may go on behind what was read: refused. */
	file[9] = 'x';
	CHECK_EQ(shebang_parse(file, 256, &out), ERR_NOEXEC);
	file[255] = '\n';
	CHECK_EQ(shebang_parse(file, 256, &out), OK);
	CHECK_EQ(out.interpreter_len, 253);
	file[255] = 'x';
	file[254] = '\n';
	CHECK_EQ(shebang_parse(file, 256, &out), OK);
	CHECK_EQ(out.interpreter_len, 252);
	file[254] = ' ';
	CHECK_EQ(shebang_parse(file, 256, &out), OK);
	CHECK_EQ(out.interpreter_len, 252);
	file[254] = 'x';
	memcpy(file, "#!a x", 5);
	CHECK_EQ(shebang_parse(file, 256, &out), OK);
	CHECK_EQ(out.interpreter_len, 1);
	memcpy(file, "#! xx", 5);
	CHECK_EQ(shebang_parse(file, 256, &out), ERR_NOEXEC);
	memset(file + 2, ' ', 300);
	CHECK_EQ(shebang_parse(file, 256, &out), ERR_NOEXEC);
}

int main(void)
{
	check_text("#!/bin/sh\n", "/bin/sh", "");
	check_text("#!/bin/sh", "/bin/sh", "");
	check_text("#! /bin/sh\n", "/bin/sh", "");
	check_text("#!\t /bin/sh \t\nrest", "/bin/sh", "");
	check_text("#!/bin/sh -e\n", "/bin/sh", "-e");
	check_text("#!/bin/sh  -e  -x y \n", "/bin/sh", "-e  -x y");
	check_text("#!a\n", "a", "");
	check_text("#!/bin/sh\r\n", "/bin/sh\r", "");
	check_text("", NULL, NULL);
	check_text("#", NULL, NULL);
	check_text("#!", NULL, NULL);
	check_text("#!\n", NULL, NULL);
	check_text("#! \t\n", NULL, NULL);
	check_text(" #!/bin/sh\n", NULL, NULL);
	check_text("##/bin/sh\n", NULL, NULL);
	check_text("!!/bin/sh\n", NULL, NULL);
	check_text("\x7f"
		   "ELF",
		   NULL, NULL);
	check_line("#!/bin/sh\0-e\n", 13, "/bin/sh", "");
	check_line("#!/bin/sh -e\0x\n", 15, "/bin/sh", "-e");
	check_line("#!\0/bin/sh\n", 11, NULL, NULL);
	test_long_lines();
	return check_done("shebang");
}
