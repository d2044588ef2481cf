/* SPDX-License-Identifier: BSD-2-Clause */
#pragma once
/* Inside fs/: the tree of mounts under its lock. */
#include "fs/mount.h"

extern struct mutex mount_lock;
extern struct mount_space mount_first_space;

/** A mount of @super with @root, which is in no tree yet; NULL without memory. */
struct mount *mount_create(struct superblock *super, struct dentry *root, const char *source,
			   uint32_t flags);
/** The last reference is gone. */
void mount_end(struct mount *mount);

static inline void mount_put(struct mount *mount)
{
	if (unlikely(spread_put(&mount->count)))
		mount_end(mount);
}

static inline struct mount *mount_get(struct mount *mount)
{
	spread_get(&mount->count);
	return mount;
}

/* The mount lock is held from here on. */

/** Reserve a place to hang something at. Return: ERR_NOENT if it was removed. */
enum err mount_hold_place(const struct path *at);
/**
 * Hang @mount at a reserved place and put it into @space, if it is not there yet.
 * Between dentry_moves_begin() and _end().
 */
void mount_hang(struct mount *mount, const struct path *at, struct mount_space *space);
/** Make a mount, and with it its reference, part of @space, which has room for it. */
void mount_enter_space(struct mount *mount, struct mount_space *space);
/**
 * Both at once. The tree takes over the caller's reference; @space may be NULL.
 * Return: ERR_NOENT, nothing done.
 */
enum err mount_attach(struct mount *mount, const struct path *at, struct mount_space *space);
/** Take it from its place, whose references the caller drops, unlocked. Likewise between. */
void mount_unhang(struct mount *mount, struct path *left);
/**
 * Take @top and all below out of the tree, onto @gone, for mount_drop_all(). Return: OK; ERR_BUSY
 * where @only_unused and somebody but the caller uses it.
 */
enum err mount_detach_tree(struct mount *top, bool only_unused, struct list_node *gone);
/** The mount after @mount in the tree below @top, parents first; NULL at the end. */
struct mount *mount_next(struct mount *mount, const struct mount *top);
/** The topmost place over @at; uncounted. */
struct path mount_topmost(const struct path *at);

/** Unlocked again. */
void mount_drop_all(struct list_node *gone);
