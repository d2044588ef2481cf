/* SPDX-License-Identifier: BSD-2-Clause */
/* What is asked of a walk: a place, or the directory in which a name would stand. */
#include "fs/walk.h"
#include "fs/walk_internal.h"

static void walker_init(struct walker *walker, const struct path_at *at, unsigned flags)
{
	walker->from = at;
	walker->flags = flags;
	walker->held = (struct path){};
	walker->stray = (struct path){};
	walker->root_counted = false;
	walker->rests = NULL;
	walker->copied = NULL;
	walker->to_parent = false;
	walker->may_search_all = cred_is_fs_root(at->cred);
}

enum err path_lookup(const struct path_at *at, unsigned flags, struct path *out)
{
	struct walker walker __uninitialized; /* walker_init() and each try fill it */

	walker_init(&walker, at, flags);
	return walk(&walker, out);
}

enum err path_lookup_parent(const struct path_at *at, struct path *parent, struct last_name *last)
{
	struct walker walker __uninitialized; /* walker_init() and each try fill it */
	enum path_kind kind;
	enum err error;

	walker_init(&walker, at, 0);
	walker.to_parent = true;
	walker.last = (struct path_component){};
	error = walk(&walker, parent);
	if (error)
		return error;
	last->text = walker.last.name;
	last->len = path_name_len(&walker.last);
	last->is_root = !walker.last.name;
	kind = last->is_root ? PATH_NAME : path_kind_of(last->text, last->len);
	last->is_dot = kind == PATH_DOT;
	last->is_dotdot = kind == PATH_DOTDOT;
	last->wants_dir = !last->is_root && path_wants_dir(&walker.iter, &walker.last);
	return OK;
}

static bool dentry_is_current(const struct dentry *dentry)
{
	const struct inode_ops *ops = dentry->inode->ops;

	return !ops->revalidate || ops->revalidate(dentry->inode);
}

enum err walk_child(struct dentry *dir, const char *name, size_t len, struct dentry **out)
{
	struct dentry *child = dentry_find_counted(dir, name, len);

	if (child && dentry_is_current(child)) {
		*out = child;
		return OK;
	}
	dentry_put(child);
	if (!dir->inode->ops->lookup)
		return ERR_NOENT;
	return dir->inode->ops->lookup(dir, name, len, out);
}

enum err path_child_locked(struct dentry *dir, const struct last_name *last, struct dentry **out)
{
	return walk_child(dir, last->text, last->len, out);
}
