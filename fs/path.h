/* SPDX-License-Identifier: BSD-2-Clause */
#pragma once
/*
 * Splits a path name into components, with Linux's limits. Pure: no copies, reads only
 * [path, path + len).
 *
 * Context: any.
 */
#include "kernel/lib/compiler.h"
#include "kernel/lib/errors.h"
#include "kernel/lib/types.h"
#include "kernel/lib/word.h"

#define PATH_BYTES_MAX 4096 /* a path with its NUL */
#define PATH_NAME_MAX  255  /* one component */

enum path_kind {
	PATH_NAME,
	PATH_DOT,
	PATH_DOTDOT,
};

struct path_component {
	const char *name;    /* not NUL-ended */
	const char *tail_at; /* behind the name's whole words */
	const char *end;
	uint64_t tail; /* the bytes from there to the end, as word_load_rest() gives them */
};

struct path_iter {
	const char *at;
	const char *end;
	uintptr_t words_end; /* whole words of the text begin before it: 7 bytes before its end */
	uint64_t rest;       /* the bytes from there on, zeroes for those of no text */
	bool absolute;
};

/**
 * Start at the first component of @path, @len bytes without its NUL.
 *
 * Return: OK; ERR_NOENT for an empty path; ERR_NAMETOOLONG from PATH_BYTES_MAX bytes on;
 *         ERR_INVAL for a NUL inside (such a length is the caller's mistake, not the user's).
 */
enum err path_begin(struct path_iter *iter, const char *path, size_t len);

/** Start in the middle of a text, at @text, @len bytes before its end, 1 at least. */
void path_resume(struct path_iter *iter, const char *text, size_t len);

/** Whether no component follows. */
static inline bool path_is_last(const struct path_iter *iter)
{
	return iter->at == iter->end;
}

/** Whether a slash follows @component, the newest: it must be a directory. */
static inline bool path_wants_dir(const struct path_iter *iter,
				  const struct path_component *component)
{
	return component->end != iter->end;
}

static inline size_t path_name_len(const struct path_component *component)
{
	return (size_t)(component->end - component->name);
}

static inline enum path_kind path_kind_of(const char *name, size_t len)
{
	if (likely(name[0] != '.') || len > 2)
		return PATH_NAME;
	if (len == 1)
		return PATH_DOT;
	return name[1] == '.' ? PATH_DOTDOT : PATH_NAME;
}

/* The text's bytes from @at on, fewer than 8, zeroes behind them: those before are shifted out. */
static inline uint64_t path_rest(const struct path_iter *iter, const char *at)
{
	return iter->rest >> (8 * ((uintptr_t)at - iter->words_end) & 63);
}

/* Finds where the component at @component->name ends. */
static inline void path_find_end(const struct path_iter *iter, struct path_component *component)
{
	const char *at = component->name;

	for (;; at += 8) {
		bool whole = (uintptr_t)at < iter->words_end;
		uint64_t word = whole ? word_load(at) : path_rest(iter, at);
		uint64_t slashes = word_zero_bytes(word ^ WORD_OF('/'));

		component->tail_at = at;
		if (slashes) {
			component->tail = word_cut(word, slashes);
			component->end = at + word_bytes_before(slashes);
			return;
		}
		if (!whole) {
			component->tail = word;
			component->end = iter->end;
			return;
		}
	}
}

/**
 * Get the next component; repeated slashes count as one. Inline: a walk is little else.
 *
 * Return: OK; ERR_NOENT at the end ("/" has none at all); ERR_NAMETOOLONG for a component over
 *         PATH_NAME_MAX. @component is untouched unless OK.
 */
static inline enum err path_next(struct path_iter *iter, struct path_component *component)
{
	struct path_component found;
	const char *at;

	if (iter->at == iter->end)
		return ERR_NOENT;
	found.name = iter->at;
	path_find_end(iter, &found);
	at = found.end;
	if (unlikely(path_name_len(&found) > PATH_NAME_MAX))
		return ERR_NAMETOOLONG;
	if (at != iter->end) {
		at++;
		while (unlikely(at != iter->end && *at == '/'))
			at++;
	}
	iter->at = at;
	*component = found;
	return OK;
}

/** Check one name to be stored in a directory. Return: OK, ERR_INVAL or ERR_NAMETOOLONG. */
enum err path_check_name(const char *name, size_t len);
