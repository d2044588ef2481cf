/* SPDX-License-Identifier: BSD-2-Clause */
#pragma once
/*
 * The boot command line: words separated by blanks, `name` or `name=value`; double quotes keep
 * blanks together and are taken off a value or a whole word, as Linux does. Pure, no copies:
 * words are slices of the line.
 *
 * Context of all functions: any; they only read the line, never beyond its NUL.
 */
#include "kernel/lib/types.h"

/* Bytes of the longest line kept, its NUL included. */
#define CMDLINE_MAX 4096

struct cmdline_word {
	const char *name;
	size_t name_len;
	const char *value; /* NULL for a word without '=' */
	size_t value_len;
};

struct cmdline {
	const char *at;
	bool init_only; /* past a lone `--`: everything is for init */
};

static inline void cmdline_begin(struct cmdline *cmdline, const char *line)
{
	cmdline->at = line;
	cmdline->init_only = false;
}

/** Get the next word. Return: false, with @word untouched, at the end of the line. */
bool cmdline_next(struct cmdline *cmdline, struct cmdline_word *word);

/** Whether the word's name is @name. */
bool cmdline_is(const struct cmdline_word *word, const char *name);

/**
 * Find the last word with this name before a lone `--`.
 *
 * Return: false, with @word untouched, when there is none.
 */
bool cmdline_find(const char *line, const char *name, struct cmdline_word *word);

/**
 * Copy the value of @name, NUL-ended, into @value of @size > 0 bytes.
 *
 * Return: false, with @value untouched, when the word is missing, has no value, or does not fit.
 */
bool cmdline_value(const char *line, const char *name, char *value, size_t size);

/**
 * Append @len bytes (up to a NUL) to @line of @size bytes, with a blank between. Control bytes
 * become blanks. What does not fit is cut before its first incomplete word.
 *
 * Return: false when something was cut.
 */
bool cmdline_append(char *line, size_t size, const char *more, size_t len);

/**
 * Get the next word that is init's: as on Linux an unknown name=value goes into its
 * environment (word->value set), an unknown word and all words after a lone `--` into its
 * arguments (after `--` the word is given whole, word->value NULL). Names with a '.' are
 * somebody's module parameters and are passed over.
 *
 * @known: the kernel's own words.
 */
bool cmdline_next_for_init(struct cmdline *cmdline, const char *const *known, size_t known_count,
			   struct cmdline_word *word);
