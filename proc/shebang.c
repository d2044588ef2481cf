/* SPDX-License-Identifier: BSD-2-Clause */
#include "proc/shebang.h"

#include "kernel/lib/bits.h"
#include "kernel/lib/string.h"

static bool is_blank(char c)
{
	return c == ' ' || c == '\t';
}

static const char *skip_blanks(const char *at, const char *end)
{
	while (at < end && is_blank(*at))
		at++;
	return at;
}

static const char *skip_word(const char *at, const char *end)
{
	while (at < end && !is_blank(*at) && *at != '\0')
		at++;
	return at;
}

/* Where the line ends; at once when the interpreter's name may go on beyond what is looked at. */
static const char *line_end(const char *text, size_t len)
{
	const char *end = text + MIN(len, SHEBANG_BYTES);
	const char *newline = memchr(text, '\n', (size_t)(end - text));

	if (newline != NULL)
		return newline;
	if (len < SHEBANG_BYTES)
		return end;
	/* As in Linux the last byte is the terminator's, whatever it holds. */
	end--;
	return skip_word(skip_blanks(text + 2, end), end) < end ? end : text + 2;
}

enum err shebang_parse(const void *data, size_t len, struct shebang *out)
{
	const char *text = data;
	const char *name;
	const char *name_end;
	const char *end;
	struct shebang here;

	if (len < 2 || text[0] != '#' || text[1] != '!')
		return ERR_NOEXEC;
	end = line_end(text, len);
	/* At last the '!' ends it. */
	while (is_blank(end[-1]))
		end--;
	name = skip_blanks(text + 2, end);
	name_end = skip_word(name, end);
	if (name == name_end)
		return ERR_NOEXEC;
	here.interpreter = name;
	here.interpreter_len = (size_t)(name_end - name);
	here.argument = skip_blanks(name_end, end);
	/* A NUL ends the line for good, as it ends C strings in Linux. */
	here.argument_len = strnlen(here.argument, (size_t)(end - here.argument));
	*out = here;
	return OK;
}
