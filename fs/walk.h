/* SPDX-License-Identifier: BSD-2-Clause */
#pragma once
/*
 * From names to places. A walk reads the name cache without counting anything on the way, checks
 * the search permission of each directory, never leaves the context's root, and follows at most
 * 40 symbolic links.
 *
 * Context: thread context, no locks held; may sleep.
 */
#include "fs/context.h"

/** Where a name starts and who asks. @name is a kernel copy. */
struct path_at {
	struct fs_context *context;
	const struct cred *cred;
	const struct path *base; /* a directory descriptor's place; NULL: the working directory */
	const char *name;
	size_t name_len; /* strlen(name) where the caller knows it; 0: to be found out */
};

#define LOOKUP_FOLLOW    1u /* the last component is followed if it is a link */
#define LOOKUP_DIRECTORY 2u /* what is found must be a directory */
#define LOOKUP_EMPTY     4u /* "" means @base itself (AT_EMPTY_PATH) */

/**
 * Find what @at names. Return: counted in *@out, or ERR_NOENT, ERR_NOTDIR, ERR_ACCES, ERR_LOOP,
 * ERR_NAMETOOLONG, ERR_NOMEM.
 */
enum err path_lookup(const struct path_at *at, unsigned flags, struct path *out);

struct last_name {
	const char *text; /* inside the caller's name */
	size_t len;
	bool is_dot;
	bool is_dotdot;
	bool is_root;   /* the path is only slashes */
	bool wants_dir; /* a slash follows */
};

/**
 * Find the directory in which the last component of @at would stand; the component itself is not
 * looked at. Return: counted in *@parent.
 */
enum err path_lookup_parent(const struct path_at *at, struct path *parent, struct last_name *last);

/**
 * One step below a directory, its names lock held: the child with a reference in *@out, or
 * ERR_NOENT. No permission check, no mount crossing.
 */
enum err path_child_locked(struct dentry *dir, const struct last_name *last, struct dentry **out);

/**
 * The path's text as seen from @root, right-aligned in @buffer. A place outside the root gets
 * "(unreachable)" in front, a removed one " (deleted)" behind.
 * Return: length without the NUL, *@start its first byte; ERR_NAMETOOLONG.
 */
int64_t path_text(const struct path *path, const struct path *root, char *buffer, size_t size,
		  char **start);

/** getcwd(2)'s answer: ERR_NOENT when the directory is removed. Length with the NUL. */
int64_t path_cwd_text(struct fs_context *context, char *buffer, size_t size, char **start);
