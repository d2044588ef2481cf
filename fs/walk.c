/* SPDX-License-Identifier: BSD-2-Clause */
#include "fs/walk.h"

#include "kernel/lib/string.h"

#include "fs/mount_internal.h"
#include "fs/walk_internal.h"
#include "kernel/core/limits.h"
#include "mm/slab.h"

/* Walks that find something moved so often keep everything from moving. */
#define TRIES_MAX 16u

/* Where the walk starts: the root for "/…", the given directory, or the working directory. */
static enum err walker_start(struct walker *walker)
{
	const struct path_at *from = walker->from;
	struct fs_context *context = from->context;
	size_t len = from->name_len ? from->name_len : strnlen(from->name, PATH_BYTES_MAX);
	enum err error;

	if (len || !(walker->flags & LOOKUP_EMPTY)) {
		error = path_begin(&walker->iter, from->name, len);
		if (error)
			return error;
	} else {
		walker->iter = (struct path_iter){.at = from->name, .end = from->name};
	}
	spin_lock(&context->lock);
	walker->root = context->root;
	walker->here = context->cwd;
	spin_unlock(&context->lock);
	walker->name_end = from->name + len;
	if (walker->iter.absolute)
		walker->here = walker->root;
	else if (from->base)
		walker->here = *from->base;
	return OK;
}

/* Steps onto what is mounted over the place. */
static void walker_enter_mounts(struct walker *walker)
{
	struct mount *over;

	while (unlikely(READ_ONCE(walker->here.dentry->mounted))) {
		over = mount_over(walker->here.mount, walker->here.dentry);
		if (!over)
			return;
		walker->here.mount = over;
		walker->here.dentry = over->root;
	}
}

/* A directory that was moved out of the part of its file system that the mount shows. */
static bool is_astray(const struct path *here)
{
	const struct dentry *dentry = here->dentry;

	if (here->mount->root == here->mount->super->root)
		return false;
	while (dentry != here->mount->root && dentry->parent != dentry)
		dentry = READ_ONCE(dentry->parent);
	return dentry != here->mount->root;
}

/* "..": never above the root, and out of a mount at its root. ERR_NOENT: nowhere. */
static enum err walker_climb(struct walker *walker)
{
	for (;;) {
		struct path *here = &walker->here;
		struct mount *parent;

		if (path_equal(here, &walker->root))
			return OK;
		if (here->dentry != here->mount->root) {
			if (unlikely(is_astray(here)))
				return ERR_NOENT;
			here->dentry = READ_ONCE(here->dentry->parent);
			break;
		}
		parent = READ_ONCE(here->mount->parent);
		if (!parent)
			return OK;
		here->dentry = READ_ONCE(here->mount->mountpoint);
		here->mount = parent;
	}
	walker_enter_mounts(walker);
	return OK;
}

static bool dentry_is_current(const struct dentry *dentry)
{
	const struct inode_ops *ops = dentry->inode->ops;

	return !ops->revalidate || ops->revalidate(dentry->inode);
}

/* One step below a directory that stands still, or whose names are made on demand. */
static enum err find_child(struct dentry *dir, const char *name, size_t len, struct dentry **out)
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

/* Asks a file system that makes its names on demand. The answer is held. */
static enum err walker_ask(struct walker *walker, struct path_component *name, struct dentry **out)
{
	struct dentry *dir = walker->here.dentry;
	enum err error;

	if (!dir->inode->ops->lookup)
		return ERR_NOENT;
	error = walker_pause(walker, name);
	if (error)
		return error;
	error = find_child(dir, name->name, name->len, out);
	if (!error) {
		dentry_put(dir);
		walker->held.dentry = *out;
	}
	epoch_enter();
	return error;
}

/* Jumps to what a magic link names. It was just asked for: it is held, and nothing else is used. */
static enum err walker_jump(struct walker *walker, struct dentry *link)
{
	struct path target;
	enum err error;

	ASSERT(walker->held.dentry == link);
	epoch_exit();
	error = link->inode->ops->link_path(link->inode, &target);
	if (!error) {
		path_put(&walker->held);
		walker->held = target;
		walker->here = target;
	}
	epoch_enter();
	return error;
}

/* Keeps what is left of the current text for later. */
static enum err walker_push(struct walker *walker)
{
	if (walker->iter.at == walker->iter.end)
		return OK;
	if (!walker->rests) {
		walker->rests = kmalloc(LIMIT_SYMLINKS * sizeof(struct walk_rest));
		if (!walker->rests)
			return ERR_NOMEM;
	}
	ASSERT(walker->depth < LIMIT_SYMLINKS);
	walker->rests[walker->depth++] =
		(struct walk_rest){.at = walker->iter.at, .end = walker->iter.end};
	return OK;
}

/* Goes on with a link's text, or jumps to what a magic link names. */
static enum err walker_follow(struct walker *walker, struct dentry *link)
{
	const struct inode_ops *ops = link->inode->ops;
	const char *text;
	enum err error;

	if (++walker->links > LIMIT_SYMLINKS)
		return ERR_LOOP;
	if (ops->link_path)
		return walker_jump(walker, link);
	text = ops->link_text(link->inode);
	walker->borrows = true;
	error = walker_push(walker);
	if (error)
		return error;
	error = path_begin(&walker->iter, text, strlen(text));
	if (error)
		return error;
	if (walker->iter.absolute)
		walker->here = walker->root;
	return OK;
}

/* The next component of the innermost text; ERR_NOENT when all are used up. */
static enum err walker_next(struct walker *walker, struct path_component *name)
{
	while (walker->iter.at == walker->iter.end) {
		if (!walker->depth)
			return ERR_NOENT;
		walker->depth--;
		walker->iter.at = walker->rests[walker->depth].at;
		walker->iter.end = walker->rests[walker->depth].end;
	}
	return path_next(&walker->iter, name);
}

/* Goes from a directory to the child called @name. */
static enum err walker_step(struct walker *walker, struct path_component *name, bool last)
{
	struct dentry *dir = walker->here.dentry;
	struct dentry *child = dentry_find(dir, name->name, name->len);
	enum err error;

	if (unlikely(!child || (child->flags & DENTRY_TRANSIENT))) {
		error = walker_ask(walker, name, &child);
		if (error)
			return error;
	}
	if (S_ISLNK(child->inode->mode) &&
	    (!last || name->must_be_dir || (walker->flags & LOOKUP_FOLLOW)))
		return walker_follow(walker, child);
	walker->here.dentry = child;
	walker_enter_mounts(walker);
	return OK;
}

static enum err walker_check_dir(const struct walker *walker)
{
	const struct inode *inode = walker->here.dentry->inode;

	if (!S_ISDIR(inode->mode))
		return ERR_NOTDIR;
	if (cred_is_fs_root(walker->from->cred))
		return OK;
	return inode_permission(inode, walker->from->cred, MAY_EXEC);
}

static enum err walker_run(struct walker *walker)
{
	struct path_component name;
	enum err error;
	bool last;

	for (;;) {
		error = walker_next(walker, &name);
		if (error)
			break;
		error = walker_check_dir(walker);
		if (error)
			return error;
		last = name.last && !walker->depth;
		if (last && walker->to_parent) {
			walker->last = name;
			return OK;
		}
		if (last && name.must_be_dir)
			walker->must_be_dir = true;
		if (name.kind == PATH_DOTDOT)
			error = walker_climb(walker);
		else if (name.kind == PATH_NAME)
			error = walker_step(walker, &name, last);
		if (error)
			return error;
	}
	if (error != ERR_NOENT)
		return error;
	if (walker->must_be_dir && !S_ISDIR(walker->here.dentry->inode->mode))
		return ERR_NOTDIR;
	return OK;
}

/* One walk without counting; at its end the place is counted, if it is still there. */
static enum err walker_try(struct walker *walker, struct path *out)
{
	enum err error = walker_start(walker);

	if (!error)
		error = walker_run(walker);
	if (error)
		return error;
	if (unlikely(!walker_count(walker, &walker->here)))
		return ERR_NOENT;
	*out = walker->here;
	return OK;
}

/* One try from the start. True: the answer may be of a tree that never was. */
static __always_inline bool walk_once(struct walker *walker, struct path *out, enum err *error)
{
	uint32_t moves = dentry_moves();

	walker->links = 0;
	walker->depth = 0;
	walker->borrows = false;
	walker->paused = false;
	walker->lost = false;
	walker->must_be_dir = (walker->flags & LOOKUP_DIRECTORY) != 0;
	epoch_enter();
	*error = walker_try(walker, out);
	epoch_exit();
	if (unlikely(walker->paused || walker->lost))
		walker_let_go(walker);
	if (likely(!dentry_moved(moves) && !walker->lost))
		return false;
	if (!*error)
		path_put(out);
	return true;
}

/* Others rename or mount without a pause: they wait for once. */
static __noinline enum err walk_still(struct walker *walker, struct path *out)
{
	enum err error;

	mutex_lock(&dentry_rename_lock);
	mutex_lock(&mount_lock);
	while (walk_once(walker, out, &error))
		;
	mutex_unlock(&mount_lock);
	mutex_unlock(&dentry_rename_lock);
	return error;
}

static enum err walk(struct walker *walker, struct path *out)
{
	unsigned tries = 1;
	enum err error;

	while (unlikely(walk_once(walker, out, &error))) {
		if (++tries > TRIES_MAX) {
			error = walk_still(walker, out);
			break;
		}
	}
	if (unlikely(walker->rests != NULL))
		kfree(walker->rests);
	return error;
}

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
	enum err error;

	walker_init(&walker, at, 0);
	walker.to_parent = true;
	walker.last = (struct path_component){};
	error = walk(&walker, parent);
	if (error)
		return error;
	last->text = walker.last.name;
	last->len = walker.last.len;
	last->is_root = !walker.last.name;
	last->is_dot = walker.last.kind == PATH_DOT;
	last->is_dotdot = walker.last.kind == PATH_DOTDOT;
	last->wants_dir = walker.last.must_be_dir;
	return OK;
}

enum err path_child_locked(struct dentry *dir, const struct last_name *last, struct dentry **out)
{
	return find_child(dir, last->text, last->len, out);
}
