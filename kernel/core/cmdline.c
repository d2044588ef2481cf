/* SPDX-License-Identifier: BSD-2-Clause */
#include "kernel/core/cmdline.h"

#include "kernel/lib/bits.h"
#include "kernel/lib/string.h"

static bool is_blank(char c)
{
	return c == ' ' || (c >= '\t' && c <= '\r');
}

/* The first byte behind the word that begins at @at. */
static const char *word_end(const char *at)
{
	bool quoted = false;

	for (; *at != '\0' && (quoted || !is_blank(*at)); at++) {
		if (*at == '"')
			quoted = !quoted;
	}
	return at;
}

/* Take one pair of quotes off; a missing closing quote is forgiven. */
static void strip_quotes(const char **text, size_t *len)
{
	if (*len == 0 || **text != '"')
		return;
	(*text)++;
	(*len)--;
	if (*len > 0 && (*text)[*len - 1] == '"')
		(*len)--;
}

static void split_word(const char *text, size_t len, struct cmdline_word *word)
{
	const char *equals;

	strip_quotes(&text, &len);
	equals = memchr(text, '=', len);
	word->name = text;
	word->name_len = len;
	word->value = NULL;
	word->value_len = 0;
	/* "=value" has no name: it stays one odd word. */
	if (equals == NULL || equals == text)
		return;
	word->name_len = (size_t)(equals - text);
	word->value = equals + 1;
	word->value_len = len - word->name_len - 1;
	strip_quotes(&word->value, &word->value_len);
}

static bool next_text(struct cmdline *cmdline, const char **text, size_t *len)
{
	const char *end;

	while (is_blank(*cmdline->at))
		cmdline->at++;
	if (*cmdline->at == '\0')
		return false;
	end = word_end(cmdline->at);
	*text = cmdline->at;
	*len = (size_t)(end - cmdline->at);
	cmdline->at = end;
	return true;
}

bool cmdline_next(struct cmdline *cmdline, struct cmdline_word *word)
{
	const char *text;
	size_t len;

	if (!next_text(cmdline, &text, &len))
		return false;
	if (cmdline->init_only) {
		strip_quotes(&text, &len);
		*word = (struct cmdline_word){.name = text, .name_len = len};
		return true;
	}
	split_word(text, len, word);
	return true;
}

bool cmdline_is(const struct cmdline_word *word, const char *name)
{
	return strlen(name) == word->name_len && memcmp(word->name, name, word->name_len) == 0;
}

bool cmdline_find(const char *line, const char *name, struct cmdline_word *word)
{
	struct cmdline_word here;
	struct cmdline cmdline;
	bool found = false;

	cmdline_begin(&cmdline, line);
	while (cmdline_next(&cmdline, &here) && !cmdline_is(&here, "--")) {
		if (cmdline_is(&here, name)) {
			*word = here;
			found = true;
		}
	}
	return found;
}

bool cmdline_value(const char *line, const char *name, char *value, size_t size)
{
	struct cmdline_word word;

	if (!cmdline_find(line, name, &word) || word.value == NULL || word.value_len >= size)
		return false;
	memcpy(value, word.value, word.value_len);
	value[word.value_len] = '\0';
	return true;
}

/* Cut @line back to the end of its last word that began and ended before @limit. */
static void cut_incomplete_word(char *line)
{
	const char *start = line;

	for (;;) {
		const char *word = start;
		const char *end;

		while (is_blank(*word))
			word++;
		end = word_end(word);
		if (*end == '\0') {
			line[start - line] = '\0';
			return;
		}
		start = end;
	}
}

/* Control bytes would reach the console by way of /proc/cmdline. */
static char plain(char c)
{
	if ((unsigned char)c < ' ')
		c = ' ';
	return c;
}

bool cmdline_append(char *line, size_t size, const char *more, size_t len)
{
	size_t used = strnlen(line, size);
	size_t room;

	len = strnlen(more, len);
	if (len == 0)
		return true;
	if (used + 2 > size)
		return false;
	if (used > 0)
		line[used++] = ' ';
	room = size - used - 1;
	for (size_t i = 0; i < MIN(len, room); i++)
		line[used + i] = plain(more[i]);
	line[used + MIN(len, room)] = '\0';
	if (len <= room)
		return true;
	cut_incomplete_word(line);
	return false;
}

static bool is_known(const struct cmdline_word *word, const char *const *known, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		if (cmdline_is(word, known[i]))
			return true;
	}
	return false;
}

bool cmdline_next_for_init(struct cmdline *cmdline, const char *const *known, size_t known_count,
			   struct cmdline_word *word)
{
	struct cmdline_word here;

	while (cmdline_next(cmdline, &here)) {
		if (!cmdline->init_only) {
			if (cmdline_is(&here, "--")) {
				cmdline->init_only = true;
				continue;
			}
			if (memchr(here.name, '.', here.name_len) != NULL ||
			    is_known(&here, known, known_count))
				continue;
		}
		*word = here;
		return true;
	}
	return false;
}
