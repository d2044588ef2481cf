/* SPDX-License-Identifier: BSD-2-Clause */
#pragma once
/*
 * Splits a path name into components, with Linux's limits. Pure: no copies, reads only
 * [path, path + len).
 *
 * Context: any.
 */
#include "kernel/lib/errors.h"
#include "kernel/lib/types.h"

#define PATH_BYTES_MAX 4096 /* a path with its NUL */
#define PATH_NAME_MAX  255  /* one component */

enum path_kind {
	PATH_NAME,
	PATH_DOT,
	PATH_DOTDOT,
};

struct path_component {
	const char *name; /* not NUL-ended */
	size_t len;
	enum path_kind kind;
	bool last;        /* no component follows */
	bool must_be_dir; /* a slash follows */
};

struct path_iter {
	const char *at;
	const char *end;
	bool absolute;
};

/**
 * Start at the first component of @path, @len bytes without its NUL.
 *
 * Return: OK; ERR_NOENT for an empty path; ERR_NAMETOOLONG from PATH_BYTES_MAX bytes on;
 *         ERR_INVAL for a NUL inside (such a length is the caller's mistake, not the user's).
 */
enum err path_begin(struct path_iter *iter, const char *path, size_t len);

/**
 * Get the next component; repeated slashes count as one.
 *
 * Return: OK; ERR_NOENT at the end ("/" has none at all); ERR_NAMETOOLONG for a component over
 *         PATH_NAME_MAX. @component is untouched unless OK.
 */
enum err path_next(struct path_iter *iter, struct path_component *component);

/** Check one name to be stored in a directory. Return: OK, ERR_INVAL or ERR_NAMETOOLONG. */
enum err path_check_name(const char *name, size_t len);
