/* SPDX-License-Identifier: BSD-2-Clause */
#pragma once
/* Inside fs/: a walk under way. */
#include "fs/path.h"
#include "fs/walk.h"

/* What is left of a path when a link in its middle is followed. */
struct walk_rest {
	const char *at;
	const char *end;
};

/*
 * A walk on its way. It stands in an epoch section, so places and texts stay readable uncounted.
 * Where a file system is asked that may sleep, the walk leaves the section: walker_pause().
 */
struct walker {
	const struct path_at *from;
	const char *name_end; /* of the caller's text */
	struct path root;
	struct path here; /* uncounted */
	struct path held; /* counted, or empty */
	struct path_iter iter;
	unsigned flags;
	unsigned links;
	unsigned depth; /* rests on the stack */
	bool must_be_dir;
	bool follows_last; /* if it is a link */
	bool to_parent;
	bool may_search_all; /* the cred may search every directory */
	bool root_counted;
	bool borrows;               /* some text stands in a link's inode */
	bool paused;                /* it left the section */
	bool lost;                  /* stood where nothing is any more: to be tried again */
	struct path stray;          /* to be dropped behind the section */
	struct path_component last; /* to_parent: where it stopped */
	struct walk_rest *rests;    /* LIMIT_SYMLINKS of them, once a link needs one */
	char *copied;               /* texts that a pause has copied */
};

/** Walk, with what is asked of @walker filled in. Return: the place, counted in *@out. */
enum err walk(struct walker *walker, struct path *out);

/**
 * One step below a directory that stands still, or whose names are made on demand. Context: may
 * sleep. Return: counted in *@out.
 */
enum err walk_child(struct dentry *dir, const char *name, size_t len, struct dentry **out);

/** A reference of a place's mount and name if both still have one; else the walk is lost. */
static inline bool walker_count(struct walker *walker, const struct path *path)
{
	if (likely(spread_get_unless_zero(&path->mount->count))) {
		if (likely(refcount_get_unless_zero(&path->dentry->count)))
			return true;
		walker->stray.mount = path->mount;
	}
	walker->lost = true;
	return false;
}

/**
 * Leave the epoch section for what may sleep: what the walk goes on with, from @name on, is counted
 * or copied, the place where it stands is held. Return: OK; after an error it still stands in the
 * section.
 */
enum err walker_pause(struct walker *walker, struct path_component *name);

/** A try that has paused, or is lost, is over: drop what it held. Context: outside the section. */
void walker_let_go(struct walker *walker);
