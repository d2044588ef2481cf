/* SPDX-License-Identifier: BSD-2-Clause */
/* New names: mkdir, mknod, symlink, link. */
#include "kernel/lib/string.h"

#include "fs/names_internal.h"

enum err name_change_begin(const struct path_at *at, struct name_change *change)
{
	struct inode *dir;
	enum err error;

	change->child = NULL;
	error = path_lookup_parent(at, &change->parent, &change->last);
	if (error)
		return error;
	dir = path_inode(&change->parent);
	change->write_error = mount_write_begin(change->parent.mount);
	names_lock(dir);
	if (last_is_special(&change->last))
		return OK;
	error = path_child_locked(change->parent.dentry, &change->last, &change->child);
	return error == ERR_NOENT ? OK : error;
}

void name_change_unlock(struct name_change *change)
{
	names_unlock(path_inode(&change->parent));
	if (!change->write_error)
		mount_write_end(change->parent.mount);
}

void name_change_end(struct name_change *change)
{
	if (!change->parent.dentry)
		return;
	name_change_unlock(change);
	dentry_put(change->child);
	path_put(&change->parent);
}

enum err may_create_in(const struct path *dir, const struct cred *cred)
{
	if (dir->dentry->flags & DENTRY_DEAD)
		return ERR_NOENT;
	return inode_permission(path_inode(dir), cred, MAY_WRITE | MAY_EXEC);
}

/* What every call that makes a name checks, in Linux's order. */
static enum err check_new_name(const struct name_change *change, const struct cred *cred, bool dir)
{
	if (last_is_special(&change->last) || change->child)
		return ERR_EXIST;
	if (change->last.wants_dir && !dir)
		return ERR_NOENT;
	if (change->write_error)
		return change->write_error;
	return may_create_in(&change->parent, cred);
}

static enum err new_child(struct name_change *change)
{
	change->child = dentry_create(change->parent.dentry, change->last.text, change->last.len);
	return change->child ? OK : ERR_NOMEM;
}

static void drop_child(struct name_change *change)
{
	dentry_put(change->child);
	change->child = NULL;
}

enum err create_locked(struct name_change *change, const struct cred *cred, uint32_t mode,
		       uint64_t device)
{
	struct inode *dir = path_inode(&change->parent);
	enum err error;

	if (!dir->ops->create)
		return S_ISDIR(mode) ? ERR_PERM : ERR_ACCES;
	error = new_child(change);
	if (error)
		return error;
	error = dir->ops->create(dir, change->child, mode, device, cred);
	if (error) {
		drop_child(change);
		return error;
	}
	dentry_publish(change->child);
	return OK;
}

static enum err make_node(const struct path_at *at, uint32_t mode, uint64_t device)
{
	struct name_change change = {};
	enum err error;

	mode &= ~READ_ONCE(at->context->umask);
	error = name_change_begin(at, &change);
	if (!error)
		error = check_new_name(&change, at->cred, S_ISDIR(mode));
	if (!error)
		error = create_locked(&change, at->cred, mode, device);
	name_change_end(&change);
	return error;
}

enum err path_mkdir(const struct path_at *at, uint32_t mode)
{
	return make_node(at, S_IFDIR | (mode & (S_IRWXU | S_IRWXG | S_IRWXO | S_ISVTX)), 0);
}

enum err path_mknod(const struct path_at *at, uint32_t mode, uint64_t device)
{
	uint32_t permissions = mode & S_IALLUGO;

	switch (mode & S_IFMT) {
	case 0:
	case S_IFREG:
		return make_node(at, S_IFREG | permissions, 0);
	case S_IFIFO:
	case S_IFSOCK:
		return make_node(at, (mode & S_IFMT) | permissions, 0);
	case S_IFCHR:
	case S_IFBLK:
		if (!cred_can(at->cred, CAP_MKNOD))
			return ERR_PERM;
		return make_node(at, (mode & S_IFMT) | permissions, device);
	case S_IFDIR:
		return ERR_PERM;
	default:
		return ERR_INVAL;
	}
}

static enum err symlink_locked(struct name_change *change, const char *target,
			       const struct cred *cred)
{
	struct inode *dir = path_inode(&change->parent);
	enum err error = check_new_name(change, cred, false);

	if (error)
		return error;
	if (!dir->ops->symlink)
		return ERR_PERM;
	error = new_child(change);
	if (error)
		return error;
	error = dir->ops->symlink(dir, change->child, target, cred);
	if (error) {
		drop_child(change);
		return error;
	}
	dentry_publish(change->child);
	return OK;
}

enum err path_symlink(const char *target, const struct path_at *at)
{
	struct name_change change = {};
	enum err error;

	if (!*target)
		return ERR_NOENT;
	error = name_change_begin(at, &change);
	if (!error)
		error = symlink_locked(&change, target, at->cred);
	name_change_end(&change);
	return error;
}

/*
 * A second name keeps a file when its owner has removed his: only for who owns it, or could read
 * and write it anyway, and never of a program with a set-id bit. Debian's setting of Linux.
 */
static enum err may_link(const struct inode *inode, const struct cred *cred)
{
	bool set_id = (inode->mode & S_ISUID) ||
		      (inode->mode & (S_ISGID | S_IXGRP)) == (S_ISGID | S_IXGRP);

	if (inode_is_owner(inode, cred))
		return OK;
	if (!S_ISREG(inode->mode) || set_id ||
	    inode_permission(inode, cred, MAY_READ | MAY_WRITE) != OK)
		return ERR_PERM;
	return OK;
}

static enum err link_locked(struct name_change *change, const struct path *old,
			    const struct cred *cred)
{
	struct inode *dir = path_inode(&change->parent);
	struct inode *inode = path_inode(old);
	enum err error = check_new_name(change, cred, false);

	if (error)
		return error;
	if (old->mount != change->parent.mount)
		return ERR_XDEV;
	if (S_ISDIR(inode->mode) || !dir->ops->link)
		return ERR_PERM;
	error = may_link(inode, cred);
	if (error)
		return error;
	/* The last name is gone already: what is open stays nameless. */
	if (!inode->nlink && !inode->linkable)
		return ERR_NOENT;
	error = new_child(change);
	if (error)
		return error;
	error = dir->ops->link(dir, change->child, inode);
	if (error) {
		drop_child(change);
		return error;
	}
	inode->linkable = false;
	dentry_publish(change->child);
	return OK;
}

enum err path_link(const struct path_at *old_at, const struct path_at *new_at, unsigned flags)
{
	struct name_change change = {};
	struct path old;
	enum err error;

	error = path_lookup(old_at, flags, &old);
	if (error)
		return error;
	error = name_change_begin(new_at, &change);
	if (!error)
		error = link_locked(&change, &old, new_at->cred);
	name_change_end(&change);
	path_put(&old);
	return error;
}
