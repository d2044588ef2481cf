/* SPDX-License-Identifier: BSD-2-Clause */
/* Changes of the tree of mounts. */
#include "kernel/core/limits.h"

#include "fs/mount_internal.h"

enum err mount_root(struct superblock *super, struct path *root)
{
	struct mount *mount = mount_create(super, super->root, "none", 0);

	if (!mount)
		return ERR_NOMEM;
	mount_enter_space(mount, &mount_first_space);
	*root = (struct path){mount, mount->root};
	path_get(root);
	return OK;
}

/* Whether a tree of @count mounts, the first with the root @root, may be hung at @at. */
static enum err check_place(const struct path *at, const struct dentry *root, uint32_t count)
{
	if (!at->mount->space)
		return ERR_INVAL;
	if (S_ISDIR(path_inode(at)->mode) != S_ISDIR(root->inode->mode))
		return ERR_NOTDIR;
	return at->mount->space->count + count > LIMIT_MOUNTS ? ERR_NOSPC : OK;
}

/* Gives a tree that nobody sees yet back. */
static void drop_tree(struct mount *top)
{
	struct list_node gone = LIST_INIT(gone);

	mutex_lock(&mount_lock);
	(void)!mount_detach_tree(top, false, &gone);
	mutex_unlock(&mount_lock);
	mount_drop_all(&gone);
}

enum err mount_add(struct superblock *super, const struct path *at, const char *source,
		   uint32_t flags)
{
	struct mount *mount = mount_create(super, super->root, source, flags);
	struct path top;
	enum err error;

	if (!mount)
		return ERR_NOMEM;
	mutex_lock(&mount_lock);
	top = mount_topmost(at);
	error = check_place(&top, mount->root, 1);
	/* The same once more at the same place would only hide itself. */
	if (!error && top.mount->super == super && top.mount->root == top.dentry)
		error = ERR_BUSY;
	if (!error)
		error = mount_attach(mount, &top, top.mount->space);
	mutex_unlock(&mount_lock);
	if (error)
		drop_tree(mount);
	return error;
}

/* Whether @dentry stands at or below @dir. Nothing moves: the names are locked. */
static bool stands_below(const struct dentry *dentry, const struct dentry *dir)
{
	while (dentry != dir && dentry->parent != dentry)
		dentry = dentry->parent;
	return dentry == dir;
}

/* A copy of @mount with another root, alone. */
static struct mount *copy_one(struct mount *mount, struct dentry *root)
{
	mount->copy = mount_create(mount->super, root, mount->source, mount->flags);
	return mount->copy;
}

/* Whether a mount hangs in the part of its parent that is copied. */
static bool is_shown(struct mount *mount, const struct path *from)
{
	struct mutex *names;
	bool shown;

	if (mount->parent != from->mount)
		return mount->parent->copy;
	names = &from->mount->super->names;
	mutex_lock(names);
	shown = stands_below(mount->mountpoint, from->dentry);
	mutex_unlock(names);
	return shown;
}

/* Hangs copies of what is mounted below @from into @top, its copy. */
static enum err copy_below(const struct path *from, uint32_t *count)
{
	struct mount *mount = from->mount;
	enum err error = OK;

	while (!error && (mount = mount_next(mount, from->mount))) {
		struct path at = {.dentry = mount->mountpoint};

		mount->copy = NULL;
		if (!is_shown(mount, from))
			continue;
		at.mount = mount->parent->copy;
		if (!copy_one(mount, mount->root))
			return ERR_NOMEM;
		++*count;
		error = mount_attach(mount->copy, &at, NULL);
		if (error)
			mount_put(mount->copy);
	}
	return error;
}

/* A tree whose copies are all made becomes part of @space. */
static void enter_space(struct mount *top, struct mount_space *space)
{
	for (struct mount *mount = top; (mount = mount_next(mount, top));)
		mount_enter_space(mount, space);
}

static enum err bind_locked(const struct path *from, const struct path *at, bool recursive,
			    struct mount **copy)
{
	struct path top = mount_topmost(at);
	uint32_t count = 1;
	enum err error;

	if (!from->mount->space)
		return ERR_INVAL;
	*copy = copy_one(from->mount, from->dentry);
	if (!*copy)
		return ERR_NOMEM;
	error = recursive ? copy_below(from, &count) : OK;
	if (!error)
		error = check_place(&top, from->dentry, count);
	if (!error)
		error = mount_attach(*copy, &top, top.mount->space);
	if (!error)
		enter_space(*copy, top.mount->space);
	return error;
}

enum err mount_bind(const struct path *from, const struct path *at, bool recursive)
{
	struct mount *copy = NULL;
	enum err error;

	mutex_lock(&mount_lock);
	error = bind_locked(from, at, recursive, &copy);
	mutex_unlock(&mount_lock);
	if (error && copy)
		drop_tree(copy);
	return error;
}

/* Whether @mount is @top or mounted somewhere below it. */
static bool mounted_below(const struct mount *mount, const struct mount *top)
{
	while (mount && mount != top)
		mount = mount->parent;
	return mount != NULL;
}

static enum err move_locked(struct mount *mount, const struct path *at, struct path *left)
{
	struct path top = mount_topmost(at);
	enum err error;

	if (!mount->space || !mount->parent)
		return ERR_INVAL;
	if (mounted_below(top.mount, mount))
		return ERR_LOOP;
	error = check_place(&top, mount->root, 0);
	if (error)
		return error == ERR_NOTDIR ? ERR_INVAL : error;
	error = mount_hold_place(&top);
	if (error)
		return error;
	dentry_moves_begin();
	mount_unhang(mount, left);
	mount_hang(mount, &top, mount->space);
	dentry_moves_end();
	return OK;
}

enum err mount_move(const struct path *from, const struct path *at)
{
	struct mount *mount = from->mount;
	struct path left = {};
	enum err error;

	if (from->dentry != mount->root)
		return ERR_INVAL;
	mutex_lock(&mount_lock);
	error = move_locked(mount, at, &left);
	mutex_unlock(&mount_lock);
	path_put(&left);
	return error;
}

static enum err check_reconfigured(const struct path *path)
{
	return path->mount->space && path->dentry == path->mount->root ? OK : ERR_INVAL;
}

/* Refuses new writers first, then looks whether there are any. */
static enum err set_flags_locked(struct mount *mount, uint32_t flags)
{
	uint32_t old = mount->flags;

	WRITE_ONCE(mount->flags, flags & MOUNT_FLAGS);
	if (!(flags & ~old & MOUNT_RDONLY))
		return OK;
	__atomic_thread_fence(__ATOMIC_SEQ_CST);
	if (!READ_ONCE(mount->writers))
		return OK;
	WRITE_ONCE(mount->flags, old);
	return ERR_BUSY;
}

enum err mount_set_flags(const struct path *path, uint32_t flags)
{
	enum err error;

	mutex_lock(&mount_lock);
	error = check_reconfigured(path);
	if (!error)
		error = set_flags_locked(path->mount, flags);
	mutex_unlock(&mount_lock);
	return error;
}

static enum err set_super_readonly(struct superblock *super, bool readonly)
{
	uint32_t old = super->flags;

	WRITE_ONCE(super->flags, readonly ? old | SB_RDONLY : old & ~SB_RDONLY);
	if (!readonly || (old & SB_RDONLY))
		return OK;
	__atomic_thread_fence(__ATOMIC_SEQ_CST);
	if (!READ_ONCE(super->writers))
		return OK;
	WRITE_ONCE(super->flags, old);
	return ERR_BUSY;
}

enum err mount_reconfigure(const struct path *path, uint32_t flags, const char *options)
{
	struct superblock *super = path->mount->super;
	uint32_t old;
	enum err error;

	mutex_lock(&mount_lock);
	old = super->flags;
	error = check_reconfigured(path);
	if (!error)
		error = set_super_readonly(super, flags & MOUNT_RDONLY);
	if (!error && super->ops->reconfigure)
		error = super->ops->reconfigure(super, options);
	if (error)
		WRITE_ONCE(super->flags, old);
	else
		/* Nobody writes to the file system, so nobody does through this mount: who is
		 * counted there is being refused. */
		WRITE_ONCE(path->mount->flags, flags & MOUNT_FLAGS);
	mutex_unlock(&mount_lock);
	return error;
}

enum err mount_remove(const struct path *path, bool lazy)
{
	struct list_node gone = LIST_INIT(gone);
	struct mount *mount = path->mount;
	enum err error;

	mutex_lock(&mount_lock);
	error = check_reconfigured(path);
	if (!error && !mount->parent)
		error = lazy ? ERR_INVAL : ERR_BUSY;
	if (!error)
		error = mount_detach_tree(mount, !lazy, &gone);
	mutex_unlock(&mount_lock);
	mount_drop_all(&gone);
	return error;
}

static enum err check_pivot(const struct path *root, const struct path *new, const struct path *old)
{
	struct path place = *old;

	if (!root->mount->space || !new->mount->space || !old->mount->space)
		return ERR_INVAL;
	if (new->mount == root->mount || old->mount == root->mount)
		return ERR_BUSY;
	if (root->dentry != root->mount->root || new->dentry != new->mount->root)
		return ERR_INVAL;
	if (!root->mount->parent || !new->mount->parent)
		return ERR_INVAL;
	if (!S_ISDIR(path_inode(old)->mode))
		return ERR_NOTDIR;
	/* The old root must be reachable from the new one, and the new one from the old. */
	while (place.mount != new->mount && place.mount->parent)
		place = (struct path){place.mount->parent, place.mount->mountpoint};
	if (place.mount != new->mount || !mounted_below(new->mount, root->mount))
		return ERR_INVAL;
	return OK;
}

/* @top is reserved. The old root's place is mounted over, so it cannot have been removed. */
static void swap_roots(struct mount *root, struct mount *new, const struct path *top,
		       struct path left[2])
{
	const struct path base = {root->parent, root->mountpoint};
	enum err error = mount_hold_place(&base);

	ASSERT(!error);
	dentry_moves_begin();
	mount_unhang(new, &left[0]);
	mount_unhang(root, &left[1]);
	mount_hang(new, &base, new->space);
	mount_hang(root, top, root->space);
	dentry_moves_end();
}

enum err mount_pivot(const struct path *root, const struct path *new, const struct path *old)
{
	struct path left[2] = {};
	struct path top;
	enum err error;

	mutex_lock(&mount_lock);
	top = mount_topmost(old);
	error = check_pivot(root, new, &top);
	if (!error)
		error = mount_hold_place(&top);
	if (!error)
		swap_roots(root->mount, new->mount, &top, left);
	mutex_unlock(&mount_lock);
	path_put(&left[0]);
	path_put(&left[1]);
	return error;
}
