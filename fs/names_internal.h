/* SPDX-License-Identifier: BSD-2-Clause */
#pragma once
/* Inside fs/: a change of names under way. */
#include "fs/names.h"

/* A directory whose names are locked, and what its last component names now. */
struct name_change {
	struct path parent;
	struct last_name last;
	struct dentry *child; /* counted; NULL if there is none */
	enum err write_error; /* ERR_ROFS: names can be looked at only */
};

/* Names that are made on demand nobody changes, so no lock guards them: asking for one may end what
 * takes that lock. */
static inline void names_lock(const struct inode *dir)
{
	if (likely(!dir->ops->lookup))
		mutex_lock(&dir->super->names);
}

static inline void names_unlock(const struct inode *dir)
{
	if (likely(!dir->ops->lookup))
		mutex_unlock(&dir->super->names);
}

/**
 * Find the directory of @at, keep it from becoming read-only, lock its names and look the last
 * component up, unless it is "." or
 * ".." or missing. Return: locked, to be ended by name_change_end().
 */
enum err name_change_begin(const struct path_at *at, struct name_change *change);
/** The first half of name_change_end(): what was found is still held. */
void name_change_unlock(struct name_change *change);
void name_change_end(struct name_change *change);

static inline bool last_is_special(const struct last_name *last)
{
	return last->is_root || last->is_dot || last->is_dotdot;
}

/** Whether @cred may add names to @dir. Names locked. */
enum err may_create_in(const struct path *dir, const struct cred *cred);

/** Whether @cred may take @child out of @dir. Names locked. ERR_PERM for the sticky bit. */
enum err may_remove_from(const struct path *dir, const struct dentry *child,
			 const struct cred *cred);

/**
 * Make a file of @mode (type and permissions, umask applied already) under a name that
 * name_change_begin() found free. Return: published in change->child.
 */
enum err create_locked(struct name_change *change, const struct cred *cred, uint32_t mode,
		       uint64_t device);
