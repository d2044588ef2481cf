/* SPDX-License-Identifier: BSD-2-Clause */
/* The walk itself: from where a name starts, component by component. */
#include "kernel/lib/string.h"

#include "fs/dentry_lookup.h"
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
		walker->iter = (struct path_iter){};
	}
	spin_lock(&context->lock);
	walker->root = context->root.path;
	walker->here = context->cwd.path;
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
	error = walk_child(dir, name->name, path_name_len(name), out);
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

static bool walker_is_last(const struct walker *walker)
{
	return path_is_last(&walker->iter) && !walker->depth;
}

/* Goes on with a link's text, or jumps to what a magic link names. */
static enum err walker_follow(struct walker *walker, struct dentry *link)
{
	const struct inode_ops *ops = link->inode->ops;
	const char *text;
	enum err error;

	if (++walker->links > LIMIT_SYMLINKS)
		return ERR_LOOP;
	if (walker_is_last(walker)) {
		error = inode_may_follow(walker->here.dentry->inode, link->inode,
					 walker->from->cred);
		if (error)
			return error;
	}
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
	const struct walk_rest *rest;

	while (walker->iter.at == walker->iter.end) {
		if (!walker->depth)
			return ERR_NOENT;
		walker->depth--;
		rest = &walker->rests[walker->depth];
		path_resume(&walker->iter, rest->at, (size_t)(rest->end - rest->at));
	}
	return path_next(&walker->iter, name);
}

static void walker_enter(struct walker *walker, struct dentry *child)
{
	walker->here.dentry = child;
	walker_enter_mounts(walker);
}

/*
 * A name that the cache lacks, or has with more to it. "." and ".." are never in it. By value: the
 * walk keeps @name in registers.
 */
static __noinline enum err walker_step_aside(struct walker *walker, struct path_component name,
					     struct dentry *child)
{
	enum path_kind kind = path_kind_of(name.name, path_name_len(&name));
	enum err error;

	if (kind != PATH_NAME)
		return kind == PATH_DOTDOT ? walker_climb(walker) : OK;
	if (!child || (child->flags & DENTRY_TRANSIENT)) {
		error = walker_ask(walker, &name, &child);
		if (error)
			return error;
	}
	if ((child->flags & DENTRY_LINK) && (!walker_is_last(walker) || walker->follows_last))
		return walker_follow(walker, child);
	walker_enter(walker, child);
	return OK;
}

/* Goes from a directory to what @name means there. */
static enum err walker_step(struct walker *walker, const struct path_component *name)
{
	struct dentry *dir = walker->here.dentry;
	struct dentry *child = dentry_lookup(dir, name->name, name->tail_at, name->tail);

	if (unlikely(!child || (child->flags & (DENTRY_TRANSIENT | DENTRY_LINK))))
		return walker_step_aside(walker, *name, child);
	walker_enter(walker, child);
	return OK;
}

static enum err walker_check_dir(const struct walker *walker)
{
	const struct dentry *dentry = walker->here.dentry;
	const struct inode *inode;

	if (likely(dentry->flags & DENTRY_DIRECTORY) && walker->may_search_all)
		return OK;
	inode = dentry->inode;
	if (!S_ISDIR(inode->mode))
		return ERR_NOTDIR;
	if (walker->may_search_all)
		return OK;
	return inode_permission(inode, walker->from->cred, MAY_EXEC);
}

/* A slash behind the last name means a directory, however many links lead there. */
static void walker_wants_dir(struct walker *walker, bool slash)
{
	walker->must_be_dir |= slash;
	walker->follows_last |= slash;
}

static enum err walker_run(struct walker *walker)
{
	struct path_component name;
	enum err error;

	for (;;) {
		error = walker_next(walker, &name);
		if (error)
			break;
		error = walker_check_dir(walker);
		if (error)
			return error;
		if (walker_is_last(walker)) {
			if (walker->to_parent) {
				walker->last = name;
				return OK;
			}
			walker_wants_dir(walker, path_wants_dir(&walker->iter, &name));
		}
		error = walker_step(walker, &name);
		if (error)
			return error;
	}
	if (error != ERR_NOENT)
		return error;
	if (walker->must_be_dir && !S_ISDIR(walker->here.dentry->inode->mode))
		return ERR_NOTDIR;
	return OK;
}

/*
 * One walk without counting; at its end the place is counted, if it is still there. Once in the
 * text, so that the walk itself becomes part of it.
 */
static __noinline enum err walker_try(struct walker *walker, struct path *out)
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
	walker->follows_last = (walker->flags & LOOKUP_FOLLOW) != 0;
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

enum err walk(struct walker *walker, struct path *out)
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
