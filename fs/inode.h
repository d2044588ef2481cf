/* SPDX-License-Identifier: BSD-2-Clause */
#pragma once
/*
 * inode: one file of a file system, whatever its names are. A file system fills in two operation
 * tables; everything that can be decided without it (permissions, types, sticky bits, set-id
 * bits) is decided once, above it.
 */
#include "kernel/lib/errors.h"
#include "kernel/lib/refcount.h"
#include "kernel/lib/types.h"

#include "fs/stat.h"
#include "kernel/core/epoch.h"
#include "kernel/sched/mutex.h"
#include "sec/cred.h"

struct dentry;
struct file;
struct file_locks;
struct inode;
struct io_iter;
struct mem_object;
struct path;
struct pipe;
struct superblock;

/* What is asked of inode_permission. */
#define MAY_EXEC  1u
#define MAY_WRITE 2u
#define MAY_READ  4u

/*
 * What changes names runs under the superblock's names lock, after all checks; names are known to
 * be fresh or to be there. NULL: ERR_PERM (lookup: see below).
 */
struct inode_ops {
	/*
	 * Find @name, which the name cache does not hold: a dentry with a reference in *@out, or
	 * ERR_NOENT. NULL: the cache holds every name of this file system.
	 */
	enum err (*lookup)(struct dentry *dir, const char *name, size_t len, struct dentry **out);
	/* A new file of any type but a link; @device for nodes. */
	enum err (*create)(struct inode *dir, struct dentry *dentry, uint32_t mode, uint64_t device,
			   const struct cred *cred);
	enum err (*symlink)(struct inode *dir, struct dentry *dentry, const char *target,
			    const struct cred *cred);
	enum err (*link)(struct inode *dir, struct dentry *dentry, struct inode *inode);
	enum err (*unlink)(struct inode *dir,
			   struct dentry *dentry); /* also rmdir of an empty one */
	/* @replaced may be NULL. */
	enum err (*rename)(struct inode *from, struct dentry *dentry, struct inode *to,
			   struct dentry *replaced);
	/* The target's text; valid as long as the inode. NULL: not a plain link. */
	const char *(*link_text)(struct inode *inode);
	/* Magic links: the object itself, with references; and what readlink says of it. */
	enum err (*link_path)(struct inode *inode, struct path *out);
	int64_t (*link_name)(struct inode *inode, char *buffer, size_t size);
	/* Two names swap their files. */
	void (*exchange)(struct inode *from, struct dentry *dentry, struct inode *to,
			 struct dentry *other);
	/* A regular file without a name, in no directory: nlink 0. NULL: ERR_OPNOTSUPP. */
	enum err (*nameless)(struct inode *dir, struct dentry *dentry, uint32_t mode,
			     const struct cred *cred);
	/* New size of a regular file. Called with the inode locked. */
	enum err (*truncate)(struct inode *inode, uint64_t size);
	/* Whether a cached answer still holds; NULL: always. */
	bool (*revalidate)(struct inode *inode);
	/*
	 * The last reference is gone: give back what the file holds, and the inode itself through
	 * epoch_retire(): walks may still be reading it.
	 */
	void (*free)(struct inode *inode);
};

struct inode {
	struct refcount count;
	uint32_t mode, uid, gid;
	uint32_t nlink;
	uint64_t number, device; /* device: of a node */
	const struct inode_ops *ops;
	const struct file_ops *file_ops; /* regular files and directories */
	struct superblock *super;
	struct mem_object *data; /* regular files: pages and size */
	struct pipe *pipe;       /* an opened fifo's; guarded by lock */
	int64_t atime_ns, mtime_ns, ctime_ns, btime_ns;
	struct mutex lock; /* LOCK_INODE: attributes, size, appending */
	uint64_t size;     /* of what is not a regular file */
	int32_t writers;   /* > 0: open for writing so often; < 0: run so often */
	uint32_t seals;           /* SEAL_*; of memory files */
	bool linkable;            /* has no name yet, and may get one: O_TMPFILE */
	struct file_locks *locks; /* NULL until somebody locks: see fs/file_lock.h */
	struct epoch_node epoch;
};

struct superblock {
	struct refcount count;
	uint32_t flags; /* SB_* */
	uint64_t device, magic;
	const struct super_ops *ops;
	struct mutex names; /* LOCK_DIRECTORY: all names of this file system */
	const char *type_name;
	struct dentry *root;
	uint64_t next_inode;
	uint32_t mounts;  /* that show it; with the last one its files go */
	uint32_t writers; /* through any mount: see mount_write_begin() */
};

#define SB_RDONLY 1u
#define SB_FIXED  2u /* modes and owners follow from what the files show */
#define SB_KEPT   4u /* the only one of its type: stays without a mount */
#define SB_HIDDEN 8u /* is mounted nowhere */

struct super_ops {
	enum err (*statfs)(struct superblock *super, struct kstatfs *out);
	/* New options of mount(2); NULL: they are not looked at. Return: ERR_INVAL, nothing
	 * changed. */
	enum err (*reconfigure)(struct superblock *super, const char *options);
	/* Options for /proc/self/mounts, each with a comma in front; NULL: none. */
	void (*show_options)(struct superblock *super, char *buffer, size_t size);
	void (*free)(struct superblock *super);
};

static inline struct inode *inode_get(struct inode *inode)
{
	refcount_get(&inode->count);
	return inode;
}

/** NULL is allowed. Context: may sleep. */
void inode_put(struct inode *inode);

/** Set up the fields that every file system's inodes share; count 1, nlink 1, times now. */
void inode_init(struct inode *inode, struct superblock *super, uint32_t mode);

uint64_t inode_size(const struct inode *inode);

/** Times of change; cheap enough for every write. */
void inode_touch_modified(struct inode *inode);
void inode_touch_changed(struct inode *inode);
void inode_touch_accessed(struct inode *inode);

/**
 * Whether @cred may do @mask (MAY_*) to the inode by its mode bits.
 * Return: OK, ERR_ACCES, ERR_ROFS.
 */
enum err inode_permission(const struct inode *inode, const struct cred *cred, unsigned mask);

/** Whether writing to it changes the file system; devices, pipes and sockets lie behind it. */
static inline bool inode_is_stored(const struct inode *inode)
{
	return S_ISREG(inode->mode) || S_ISDIR(inode->mode) || S_ISLNK(inode->mode);
}

static inline bool inode_is_owner(const struct inode *inode, const struct cred *cred)
{
	return cred->fsuid == inode->uid || cred_can(cred, CAP_FOWNER);
}

/** Owner and mode of a new file in @dir: a set-group-id directory hands its group on. */
void inode_init_owner(struct inode *inode, const struct inode *dir, const struct cred *cred,
		      uint32_t mode);

/**
 * What was checked is what runs (P-M10-07): a file is open for writing, or runs, never both. Each
 * begin that returns OK is paired with its end.
 *
 * Context: any. Return: OK, ERR_TXTBSY.
 */
enum err inode_write_begin(struct inode *inode);
void inode_write_end(struct inode *inode);
enum err inode_run_begin(struct inode *inode);
void inode_run_end(struct inode *inode);

/**
 * New size of a regular file, by @cred. Takes the lock.
 * Return: ERR_TXTBSY, ERR_INVAL, the operation's.
 */
enum err inode_truncate(struct inode *inode, const struct cred *cred, uint64_t size);

/** Take set-id bits away before a change by somebody without privilege. The inode is locked. */
void inode_clear_setid(struct inode *inode, const struct cred *cred);

/**
 * chmod, chown: new permissions; new owners, CRED_NO_ID for those that stay. The inode is locked: a
 * file that goes to another meanwhile is not changed any more by who had it. Times are the
 * caller's business. Return: OK, ERR_PERM.
 */
enum err inode_change_mode(struct inode *inode, const struct cred *cred, uint32_t mode);
enum err inode_change_owner(struct inode *inode, const struct cred *cred, uint32_t uid,
			    uint32_t gid);
/**
 * Whether @cred may follow @link as the last component of a name, found in @dir. Return: OK,
 * ERR_ACCES.
 */
enum err inode_may_follow(const struct inode *dir, const struct inode *link,
			  const struct cred *cred);
/** Whether @cred may take @child out of @dir. Return: OK, ERR_ACCES, ERR_PERM, ERR_ROFS. */
enum err inode_may_remove(const struct inode *dir, const struct inode *child,
			  const struct cred *cred);

/* What a program that is run gets its rights from: all of one moment. */
struct inode_ids {
	uint32_t mode, uid, gid;
};

/** Takes the lock: a file that changes hands loses its set-id bits at once. */
struct inode_ids inode_ids(struct inode *inode);

/** Set up a superblock: one reference, an st_dev of its own. */
void super_init(struct superblock *super, const struct super_ops *ops, const char *type_name,
		uint64_t magic);
static inline struct superblock *super_get(struct superblock *super)
{
	refcount_get(&super->count);
	return super;
}
void super_put(struct superblock *super);

/** One more mount shows the file system. */
void super_mounted(struct superblock *super);
/** One less: after the last one nobody can name or hold its files, and they go. May sleep. */
void super_unmounted(struct superblock *super);
