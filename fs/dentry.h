/* SPDX-License-Identifier: BSD-2-Clause */
#pragma once
/*
 * The name cache: (directory, name) → dentry, one hash over all file systems, keyed by a boot-time
 * random. For file systems that live in memory it is the directory itself: every name holds a
 * reference of its own, so a miss is an answer and costs no negative entry. Names made on demand
 * (procfs) leave the cache with their last user.
 *
 * Memory of dentries and inodes is given back through the epoch module: a walk reads the
 * chains and follows pointers without counting.
 */
#include "kernel/lib/errors.h"
#include "kernel/lib/list.h"
#include "kernel/lib/rbtree.h"
#include "kernel/lib/refcount.h"
#include "kernel/lib/types.h"

#include "kernel/core/epoch.h"
#include "kernel/x86/cpu.h"

struct dentry_name;
struct inode;
struct mutex;

#define DENTRY_INLINE_NAME 40u

#define DENTRY_HASHED    1u
#define DENTRY_LINK      2u  /* a symbolic link's; said when it is published */
#define DENTRY_TRANSIENT 4u  /* leaves the cache with the last reference */
#define DENTRY_DEAD      8u  /* removed directory: nothing can be made in it */
#define DENTRY_ANON      16u /* stands in no tree: a pipe's */
#define DENTRY_DIRECTORY 32u /* likewise; not said of roots */

struct dentry {
	struct refcount count;
	uint32_t flags;
	uint64_t hash;
	struct dentry *next;   /* in the bucket */
	struct dentry *parent; /* counted; the root's is itself, uncounted */
	struct inode *inode;   /* counted; NULL only before the entry is published */
	uint32_t name_len;
	uint32_t mounted;              /* mounts over it: ask the mount table; under its lock */
	const char *name;              /* NUL-terminated; inline_name or long_name's */
	struct dentry_name *long_name; /* NULL for a name that fits */
	char inline_name[DENTRY_INLINE_NAME];

	/* Directory order, guarded by the superblock's names lock: children by their cookie. */
	struct rb_node order;
	uint64_t cookie;
	struct rb_tree children;
	uint64_t next_cookie;

	struct epoch_node epoch;
};

/** Size the hash from the machine's memory. Called once. */
enum err dentry_init(void);

/** A dentry that is in no directory and has no inode yet; NULL without memory. Counts @parent. */
struct dentry *dentry_create(struct dentry *parent, const char *name, size_t len);

static inline struct dentry *dentry_get(struct dentry *dentry)
{
	refcount_get(&dentry->count);
	return dentry;
}

/** NULL is allowed. Context: may sleep (the last one frees the inode). */
void dentry_put(struct dentry *dentry);

/**
 * The cached entry, without a reference: the caller is in an epoch section, and asks dentry_moved()
 * whether to believe the answer: a move in any file system may lead astray. NULL: not cached.
 */
struct dentry *dentry_find(const struct dentry *parent, const char *name, size_t len);

/** The same with a reference, to be believed: the names lock is held. Context: no epoch section. */
struct dentry *dentry_find_counted(const struct dentry *parent, const char *name, size_t len);

/**
 * Make a name findable that was made on demand, with its inode. If another thread was quicker with
 * one that @same holds for, that is the answer and @dentry is dropped. Return: with a reference.
 */
struct dentry *dentry_publish_once(struct dentry *dentry,
				   bool (*same)(struct inode *a, struct inode *b));

/** Make a resident name findable: the entry's own reference is taken here. */
void dentry_publish(struct dentry *dentry);
/** Take it out of the cache and its directory's order; drops the entry's own reference. */
void dentry_unpublish(struct dentry *dentry);

extern uint32_t dentry_move_count;

/**
 * A number that changes with every move. What was read since may be half of a move, and is read
 * again, if dentry_moved() says that it is not the same any more. Context: interrupts on; waits for
 * a move under way.
 */
static inline uint32_t dentry_moves(void)
{
	uint32_t moves;

	/* Odd: a move is half done, without sleeping. */
	while (unlikely((moves = __atomic_load_n(&dentry_move_count, __ATOMIC_ACQUIRE)) & 1))
		cpu_relax();
	return moves;
}

static inline bool dentry_moved(uint32_t moves)
{
	__atomic_thread_fence(__ATOMIC_ACQUIRE);
	return __atomic_load_n(&dentry_move_count, __ATOMIC_RELAXED) != moves;
}

/**
 * Around a change that walks under way must not see half of: a mount, too. Not nested; until the
 * end no sleep.
 */
void dentry_moves_begin(void);
void dentry_moves_end(void);

/** Around reading what must not move meanwhile. Likewise. */
void dentry_still_begin(void);
void dentry_still_end(void);

/* Held by who renames; with the mount lock too, nothing moves. */
extern struct mutex dentry_rename_lock;

/**
 * Move an entry to another directory and name, in the place of @replaced (or NULL), which goes as
 * by dentry_unpublish(): who looks finds the one or the other. The names lock is held.
 * Return: ERR_NOMEM, nothing changed.
 */
enum err dentry_move(struct dentry *dentry, struct dentry *parent, const char *name, size_t len,
		     struct dentry *replaced);

/** Let two entries swap their places and names. The names lock is held. */
void dentry_exchange(struct dentry *a, struct dentry *b);

/** First child whose cookie is >= @cookie, or NULL. The names lock is held. */
struct dentry *dentry_child_at(struct dentry *dir, uint64_t cookie);

/**
 * Write "/a/b", the names from @stop (not named) or the file system's root down to @dentry, in
 * front of *@at, which moves down, not below @begin. Between dentry_still_begin() and _end().
 * Return: where it ended: @stop, or a root; NULL if there was no room.
 */
const struct dentry *dentry_path_text(const struct dentry *dentry, const struct dentry *stop,
				      char **at, const char *begin);

static inline bool dentry_is_empty(const struct dentry *dir)
{
	return !dir->children.root;
}
