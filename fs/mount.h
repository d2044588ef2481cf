/* SPDX-License-Identifier: BSD-2-Clause */
#pragma once
/*
 * Mounts and paths: a path is a place in the tree of mounts, with both parts counted.
 *
 * A walk reads the table of what is mounted where without locks, in an epoch section; changes are
 * made one at a time under the mount lock and make walks under way start again.
 */
#include "fs/dentry.h"
#include "fs/inode.h"
#include "kernel/core/spread.h"

struct path {
	struct mount *mount;
	struct dentry *dentry;
};

/* A tree of mounts that processes share. */
struct mount_space {
	struct list_node mounts; /* oldest first */
	uint32_t count;
};

/* Flags of a mount, and of the call: Linux's numbers. */
#define MOUNT_RDONLY     0x1u
#define MOUNT_NOSUID     0x2u /* set-id bits give nothing */
#define MOUNT_NODEV      0x4u /* device nodes do not open */
#define MOUNT_NOEXEC     0x8u
#define MOUNT_NOATIME    0x400u
#define MOUNT_NODIRATIME 0x800u
#define MOUNT_FLAGS                                                                 \
	(MOUNT_RDONLY | MOUNT_NOSUID | MOUNT_NODEV | MOUNT_NOEXEC | MOUNT_NOATIME | \
	 MOUNT_NODIRATIME)

struct mount {
	struct spread_count count; /* paths, children, and the space's, for as long as it is spread */
	uint32_t flags;            /* MOUNT_* */
	uint32_t id;
	struct dentry *root;      /* counted */
	struct superblock *super; /* counted */
	char *source;             /* what mount(2) named; NULL: nothing */

	/* Guarded by the mount lock; the first three are read by walks. */
	struct mount *parent;      /* counted; NULL for the root mount and when it is unmounted */
	struct dentry *mountpoint; /* counted while there is a parent */
	struct mount *next;        /* in the bucket */
	struct mount_space *space; /* NULL: unmounted, only open files keep it */
	struct list_node all, children, sibling;
	struct path left;   /* where it stood, until that is dropped: in no tree any more */
	struct mount *copy; /* while a tree is copied */

	struct epoch_node epoch;
	uint32_t writers; /* files open for writing and changes under way; far from what all read */
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
	spread_get(&path->mount->count);
	refcount_get(&path->dentry->count);
}

/** Drops both references and empties the path; an empty path is allowed. Context: may sleep. */
void path_put(struct path *path);

/** Size the table of mounts. Boot, once. Return: ERR_NOMEM. */
enum err mount_init(void);

/**
 * A mount in no tree, for what is never looked up by name: one reference, kept by the caller, who
 * keeps @super alive too.
 */
void mount_init_private(struct mount *mount, struct superblock *super);

/** The first mount of the machine. Takes its own reference of @super. */
enum err mount_root(struct superblock *super, struct path *root);

/** What is mounted over (mount, dentry), or NULL; no reference. Epoch section or mount lock. */
struct mount *mount_over(const struct mount *mount, const struct dentry *dentry);

/** Visit every mount, oldest first. The mount lock is held. */
void mount_for_each(void (*visit)(struct mount *mount, void *context), void *context);

static inline bool mount_is_readonly(const struct mount *mount)
{
	return (READ_ONCE(mount->flags) & MOUNT_RDONLY) ||
	       (READ_ONCE(mount->super->flags) & SB_RDONLY);
}

/**
 * A change of what is mounted begins: until mount_write_end() it does not become read-only.
 * Context: any. Return: OK, ERR_ROFS.
 */
enum err mount_write_begin(struct mount *mount);
void mount_write_end(struct mount *mount);

/*
 * What mount(2) and its kin do. Places are found by the caller, who has checked that they may.
 * @flags: MOUNT_*. Context: thread, no locks held; may sleep.
 */

/**
 * Mount @super at @at. @source: named in /proc/self/mounts. Return: ERR_NOTDIR where one is a
 * directory and the other not, ERR_NOENT (a removed place), ERR_NOSPC (too many mounts), ERR_NOMEM,
 * ERR_INVAL (a place that is itself in no tree), ERR_BUSY (mounted there already).
 */
enum err mount_add(struct superblock *super, const struct path *at, const char *source,
		   uint32_t flags);
/** Show @from at @at as well, with what is mounted below it if @recursive. As mount_add(). */
enum err mount_bind(const struct path *from, const struct path *at, bool recursive);
/** Move a mount, with what is mounted below. ERR_LOOP: into itself. Else as mount_add(). */
enum err mount_move(const struct path *from, const struct path *at);
/** New @flags of the mount whose root @path is. ERR_BUSY: read-only while written to. */
enum err mount_set_flags(const struct path *path, uint32_t flags);
/** The same of the whole file system, with new @options of its own. */
enum err mount_reconfigure(const struct path *path, uint32_t flags, const char *options);
/** Unmount. @lazy: now, with all that is below, whoever still uses it. ERR_BUSY, ERR_INVAL. */
enum err mount_remove(const struct path *path, bool lazy);
/**
 * pivot_root(2): @root's mount moves to @old, and @new takes its place. Return: ERR_BUSY,
 * ERR_INVAL, ERR_NOENT, ERR_NOTDIR.
 */
enum err mount_pivot(const struct path *root, const struct path *new, const struct path *old);
