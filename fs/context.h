/* SPDX-License-Identifier: BSD-2-Clause */
#pragma once
/* What CLONE_FS shares: root directory, working directory and umask of a process. */
#include "fs/mount.h"
#include "kernel/core/spinlock.h"

/* The references of a place that several processes stand at: forks of one that stood there. */
struct fs_hold {
	struct refcount count;
	struct path path;
};

/* A counted path: by the hold, or without one by itself. */
struct fs_place {
	struct path path;
	struct fs_hold *hold;
	bool is_inherited; /* the hold is the parent's: other children count it, too */
};

struct fs_context {
	struct refcount count;
	struct spinlock lock; /* guards what follows */
	struct fs_place root, cwd;
	uint32_t umask;
};

/** A context whose root and working directory are @root, umask 022; NULL without memory. */
struct fs_context *fs_context_create(const struct path *root);

/** A private copy; NULL without memory. */
struct fs_context *fs_context_clone(struct fs_context *from);

static inline struct fs_context *fs_context_get(struct fs_context *context)
{
	refcount_get(&context->count);
	return context;
}
void fs_context_put(struct fs_context *context);

/** Counted copies of the current paths. */
void fs_context_root(struct fs_context *context, struct path *out);
void fs_context_cwd(struct fs_context *context, struct path *out);

/** chdir, chroot: the path's references are taken over. */
void fs_context_set_cwd(struct fs_context *context, struct path *path);
void fs_context_set_root(struct fs_context *context, struct path *path);

/** Who stands at @from, by root or working directory, stands at @to from now on. */
void fs_context_follow(struct fs_context *context, const struct path *from, const struct path *to);

/** Sets the umask (0777 bits only) and returns the old one. */
uint32_t fs_context_set_umask(struct fs_context *context, uint32_t mask);
