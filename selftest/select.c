/* SPDX-License-Identifier: BSD-2-Clause */
#include "selftest/select.h"

#include "kernel/lib/string.h"

#include "kernel/core/cmdline.h"

#define LAST_MILESTONE 99
#define FULL_PERCENT   100
#define PERCENT_MAX    100000

static bool word_is(const char *word, size_t len, const char *name)
{
	return strlen(name) == len && memcmp(word, name, len) == 0;
}

/* Reads digits from *at, which moves behind them; 0 when there are none. */
static unsigned parse_number(const char **at, const char *end)
{
	unsigned value = 0;

	while (*at < end && **at >= '0' && **at <= '9' && value <= PERCENT_MAX)
		value = value * 10 + (unsigned)(*(*at)++ - '0');
	return value;
}

/* "M3" or "M3-M7"; false when the word is neither. */
static bool parse_range(const char *word, size_t len, struct selftest_selection *selection)
{
	const char *at = word + 1, *end = word + len;

	if (len < 2 || word[0] != 'M')
		return false;
	unsigned first = parse_number(&at, end), last = first;
	if (at < end) {
		if (end - at < 3 || at[0] != '-' || at[1] != 'M')
			return false;
		at += 2;
		last = parse_number(&at, end);
	}
	if (!first || last < first || at != end)
		return false;
	selection->first = first;
	selection->last = last;
	return true;
}

static void apply_word(const char *word, size_t len, struct selftest_selection *selection)
{
	if (word_is(word, len, "off"))
		selection->off = true;
	else if (word_is(word, len, "only"))
		selection->only = true;
	else if (word_is(word, len, "continue"))
		selection->keep_going = true;
	else
		parse_range(word, len, selection);
}

static void apply_words(const struct cmdline_word *words, struct selftest_selection *selection)
{
	const char *at = words->value, *end = at + words->value_len;

	while (at < end) {
		const char *comma = memchr(at, ',', (size_t)(end - at));
		const char *stop = comma ? comma : end;
		apply_word(at, (size_t)(stop - at), selection);
		at = stop + 1;
	}
}

struct selftest_selection selftest_select(const char *cmdline)
{
	struct selftest_selection selection = {
		.first = 1, .last = LAST_MILESTONE, .percent = FULL_PERCENT};
	struct cmdline_word word;

	if (cmdline_find(cmdline, "selftest", &word) && word.value)
		apply_words(&word, &selection);
	if (cmdline_find(cmdline, "selftest.scale", &word) && word.value) {
		const char *at = word.value;
		unsigned percent = parse_number(&at, word.value + word.value_len);
		if (percent && percent <= PERCENT_MAX)
			selection.percent = percent;
	}
	return selection;
}
