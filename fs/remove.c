/* SPDX-License-Identifier: BSD-2-Clause */
/* Names that go: unlink, rmdir, rename. */
#include "fs/names_internal.h"

enum err may_remove_from(const struct path *dir, const struct dentry *child,
			 const struct cred *cred)
{
	return inode_may_remove(path_inode(dir), child->inode, cred);
}

static enum err remove_locked(struct name_change *change, const struct cred *cred, bool dir)
{
	struct inode *parent = path_inode(&change->parent);
	struct dentry *child = change->child;
	enum err error = change->write_error;

	if (error)
		return error;
	if (!child)
		return ERR_NOENT;
	error = may_remove_from(&change->parent, child, cred);
	if (error)
		return error;
	if (dir && !S_ISDIR(child->inode->mode))
		return ERR_NOTDIR;
	if (!dir && S_ISDIR(child->inode->mode))
		return ERR_ISDIR;
	if (!dir && change->last.wants_dir)
		return ERR_NOTDIR;
	if (child->mounted)
		return ERR_BUSY;
	if (dir && !dentry_is_empty(child))
		return ERR_NOTEMPTY;
	if (!parent->ops->unlink)
		return ERR_PERM;
	error = parent->ops->unlink(parent, child);
	if (error)
		return error;
	if (dir)
		child->flags |= DENTRY_DEAD;
	dentry_unpublish(child);
	return OK;
}

enum err path_unlink(const struct path_at *at)
{
	struct name_change change = {};
	enum err error = name_change_begin(at, &change);

	if (!error && last_is_special(&change.last))
		error = ERR_ISDIR;
	if (!error)
		error = remove_locked(&change, at->cred, false);
	name_change_end(&change);
	return error;
}

enum err path_rmdir(const struct path_at *at)
{
	struct name_change change = {};
	enum err error = name_change_begin(at, &change);

	if (!error && change.last.is_root)
		error = ERR_BUSY;
	if (!error && change.last.is_dot)
		error = ERR_INVAL;
	if (!error && change.last.is_dotdot)
		error = ERR_NOTEMPTY;
	if (!error)
		error = remove_locked(&change, at->cred, true);
	name_change_end(&change);
	return error;
}

/* A rename: two directories of one file system, its names locked. */
struct rename {
	struct path from_dir, to_dir;
	struct last_name from_last, to_last;
	struct dentry *child;    /* counted */
	struct dentry *replaced; /* counted; NULL if the new name is free */
	const struct cred *cred;
};

/* Whether @dir is @dentry or stands somewhere below it. Nothing moves: the names are locked. */
static bool is_below(const struct dentry *dir, const struct dentry *dentry)
{
	for (; dir != dentry; dir = dir->parent) {
		if (dir->parent == dir)
			return false;
	}
	return true;
}

static enum err check_replaced(const struct rename *rename)
{
	const struct dentry *child = rename->child;
	const struct dentry *replaced = rename->replaced;
	enum err error = may_remove_from(&rename->to_dir, replaced, rename->cred);

	if (error)
		return error;
	if (S_ISDIR(child->inode->mode) && !S_ISDIR(replaced->inode->mode))
		return ERR_NOTDIR;
	if (!S_ISDIR(child->inode->mode) && S_ISDIR(replaced->inode->mode))
		return ERR_ISDIR;
	if (replaced->mounted)
		return ERR_BUSY;
	return OK;
}

static enum err check_rename(const struct rename *rename, unsigned flags)
{
	const struct dentry *child = rename->child;
	bool child_is_dir = S_ISDIR(child->inode->mode);
	enum err error;

	if (rename->replaced && (flags & RENAME_NOREPLACE))
		return ERR_EXIST;
	if (!child_is_dir && (rename->from_last.wants_dir || rename->to_last.wants_dir))
		return ERR_NOTDIR;
	if (child_is_dir && is_below(rename->to_dir.dentry, child))
		return ERR_INVAL;
	if (rename->replaced && is_below(rename->from_dir.dentry, rename->replaced))
		return ERR_NOTEMPTY;
	error = may_remove_from(&rename->from_dir, child, rename->cred);
	if (error)
		return error;
	error = rename->replaced ? check_replaced(rename)
				 : may_create_in(&rename->to_dir, rename->cred);
	if (error)
		return error;
	if (child->mounted)
		return ERR_BUSY;
	/* Its ".." changes: the directory itself must be writable. */
	if (child_is_dir && rename->from_dir.dentry != rename->to_dir.dentry)
		return inode_permission(child->inode, rename->cred, MAY_WRITE);
	return OK;
}

static enum err act_rename(struct rename *rename)
{
	struct inode *from = path_inode(&rename->from_dir);
	struct inode *to = path_inode(&rename->to_dir);
	struct dentry *replaced = rename->replaced;
	enum err error;

	if (!from->ops->rename)
		return ERR_PERM;
	if (replaced && S_ISDIR(replaced->inode->mode) && !dentry_is_empty(replaced))
		return ERR_NOTEMPTY;
	/* Only the move can fail, for want of memory, and then nothing has changed. */
	error = dentry_move(rename->child, rename->to_dir.dentry, rename->to_last.text,
			    rename->to_last.len, replaced);
	if (error)
		return error;
	if (replaced && S_ISDIR(replaced->inode->mode))
		replaced->flags |= DENTRY_DEAD;
	return from->ops->rename(from, rename->child, to, replaced);
}

static enum err check_exchange(const struct rename *rename)
{
	const struct dentry *child = rename->child;
	const struct dentry *other = rename->replaced;
	enum err error;

	if (!other)
		return ERR_NOENT;
	if (is_below(rename->to_dir.dentry, child) || is_below(rename->from_dir.dentry, other))
		return ERR_INVAL;
	error = may_remove_from(&rename->from_dir, child, rename->cred);
	if (!error)
		error = may_remove_from(&rename->to_dir, other, rename->cred);
	if (error)
		return error;
	if (rename->from_dir.dentry != rename->to_dir.dentry) {
		if (S_ISDIR(child->inode->mode))
			error = inode_permission(child->inode, rename->cred, MAY_WRITE);
		if (!error && S_ISDIR(other->inode->mode))
			error = inode_permission(other->inode, rename->cred, MAY_WRITE);
	}
	if (!error && (child->mounted || other->mounted))
		return ERR_BUSY;
	return error;
}

static enum err exchange(struct rename *rename)
{
	struct inode *from = path_inode(&rename->from_dir);
	enum err error = check_exchange(rename);

	if (error || rename->replaced->inode == rename->child->inode)
		return error;
	if (!from->ops->exchange)
		return ERR_INVAL;
	dentry_exchange(rename->child, rename->replaced);
	from->ops->exchange(from, rename->child, path_inode(&rename->to_dir), rename->replaced);
	return OK;
}

static enum err rename_locked(struct rename *rename, unsigned flags)
{
	enum err error;

	error = path_child_locked(rename->from_dir.dentry, &rename->from_last, &rename->child);
	if (error)
		return error;
	error = path_child_locked(rename->to_dir.dentry, &rename->to_last, &rename->replaced);
	if (error && error != ERR_NOENT)
		return error;
	if (flags & RENAME_EXCHANGE)
		return exchange(rename);
	error = check_rename(rename, flags);
	if (error)
		return error;
	/* Two names of one file: nothing to do, both stay. */
	if (rename->replaced && rename->replaced->inode == rename->child->inode)
		return OK;
	return act_rename(rename);
}

enum err path_rename(const struct path_at *old_at, const struct path_at *new_at, unsigned flags)
{
	struct rename rename = {.cred = old_at->cred};
	enum err error;

	if ((flags & ~(RENAME_NOREPLACE | RENAME_EXCHANGE)) ||
	    flags == (RENAME_NOREPLACE | RENAME_EXCHANGE))
		return ERR_INVAL;
	error = path_lookup_parent(old_at, &rename.from_dir, &rename.from_last);
	if (error)
		return error;
	error = path_lookup_parent(new_at, &rename.to_dir, &rename.to_last);
	if (error)
		goto out_from;
	error = ERR_XDEV;
	if (rename.from_dir.mount != rename.to_dir.mount)
		goto out_both;
	error = ERR_BUSY;
	if (last_is_special(&rename.from_last) || last_is_special(&rename.to_last)) {
		if (last_is_special(&rename.to_last) && (flags & RENAME_NOREPLACE))
			error = ERR_EXIST;
		goto out_both;
	}
	error = mount_write_begin(rename.from_dir.mount);
	if (error)
		goto out_both;
	mutex_lock(&dentry_rename_lock);
	names_lock(path_inode(&rename.from_dir));
	error = rename_locked(&rename, flags);
	names_unlock(path_inode(&rename.from_dir));
	mutex_unlock(&dentry_rename_lock);
	mount_write_end(rename.from_dir.mount);
	dentry_put(rename.child);
	dentry_put(rename.replaced);
out_both:
	path_put(&rename.to_dir);
out_from:
	path_put(&rename.from_dir);
	return error;
}
