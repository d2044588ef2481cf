/* SPDX-License-Identifier: BSD-2-Clause */
#pragma once
/* Mounts and paths: a path is a place in the tree of mounts, with both parts counted. */
#include "fs/dentry.h"
#include "fs/inode.h"

struct mount {
	struct refcount count;
	struct mount *parent;      /* counted; NULL for the root mount */
	struct dentry *mountpoint; /* counted; NULL for the root mount */
	struct dentry *root;       /* counted */
	struct superblock *super;  /* counted */
	struct list_node all;
	struct list_node bucket;
};

struct path {
	struct mount *mount;
	struct dentry *dentry;
};

static inline struct inode *path_inode(const struct path *path)
{
	return path->dentry->inode;
}

static inline bool path_equal(const struct path *a, const struct path *b)
{
	return a->mount == b->mount && a->dentry == b->dentry;
}

static inline void path_get(const struct path *path)
{
	refcount_get(&path->mount->count);
	refcount_get(&path->dentry->count);
}

/** Drops both references and empties the path; an empty path is allowed. */
void path_put(struct path *path);

/** The first mount of the machine. Takes its own reference of @super. */
enum err mount_root(struct superblock *super, struct path *root);

/** Mount @super over the directory @at. Takes its own references. Return: ERR_BUSY, ERR_NOMEM. */
enum err mount_add(struct superblock *super, const struct path *at);

/** The topmost mount over (mount, dentry), or NULL; no reference. Epoch section. */
struct mount *mount_over(const struct mount *mount, const struct dentry *dentry);

/** Visit every mount, oldest first, with its mountpoint's path. The mount lock is held. */
void mount_for_each(void (*visit)(struct mount *mount, void *context), void *context);
