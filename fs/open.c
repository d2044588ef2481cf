/* SPDX-License-Identifier: BSD-2-Clause */
/* open(2): find or make, check, attach operations. */
#include "kernel/lib/string.h"

#include "fs/file_internal.h"
#include "fs/names_internal.h"
#include "fs/pipe.h"
#include "kernel/core/limits.h"

#define O_TMPFILE_BIT (O_TMPFILE & ~O_DIRECTORY)
#define O_PATH_FLAGS  (O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC)

static const struct file_ops *ops_of_inode(const struct inode *inode)
{
	switch (inode->mode & S_IFMT) {
	case S_IFREG:
	case S_IFDIR:
		return inode->file_ops;
	case S_IFCHR:
		return &chardev_file_ops;
	case S_IFIFO:
		return &fifo_file_ops;
	default:
		return NULL;
	}
}

static unsigned wanted_permissions(uint32_t flags)
{
	static const uint8_t by_access[] = {
		[O_RDONLY] = MAY_READ,
		[O_WRONLY] = MAY_WRITE,
		[O_RDWR] = MAY_READ | MAY_WRITE,
		[O_ACCMODE] = MAY_READ | MAY_WRITE,
	};

	return by_access[flags & O_ACCMODE] | (flags & O_TRUNC ? MAY_WRITE : 0);
}

/* What must hold of a file that was there before. */
static enum err check_existing(const struct path *path, const struct cred *cred, uint32_t flags)
{
	const struct inode *inode = path_inode(path);
	unsigned wanted = wanted_permissions(flags);
	enum err error;

	if (S_ISLNK(inode->mode))
		return ERR_LOOP;
	if (S_ISDIR(inode->mode) && ((wanted & MAY_WRITE) || (flags & O_CREAT)))
		return ERR_ISDIR;
	if ((S_ISCHR(inode->mode) || S_ISBLK(inode->mode)) && (path->mount->flags & MOUNT_NODEV))
		return ERR_ACCES;
	error = inode_permission(inode, cred, wanted);
	if (!error && (flags & O_NOATIME) && !inode_is_owner(inode, cred))
		return ERR_PERM;
	return error;
}

/* Files that are written keep their mount writable and cannot run. */
static enum err begin_writing(const struct path *path)
{
	enum err error = inode_write_begin(path_inode(path));

	if (error)
		return error;
	error = mount_write_begin(path->mount);
	if (error)
		inode_write_end(path_inode(path));
	return error;
}

/* A regular file that writes is counted for as long as it is open. */
static enum err create_counted(const struct path *path, const struct file_ops *ops, uint32_t flags,
			       const struct cred *cred, struct file **out)
{
	struct inode *inode = path_inode(path);
	bool writes = S_ISREG(inode->mode) && (wanted_permissions(flags & O_ACCMODE) & MAY_WRITE);
	enum err error = writes ? begin_writing(path) : OK;

	if (error)
		return error;
	error = file_create(path, ops, flags, cred, NULL, out);
	if (error && writes) {
		mount_write_end(path->mount);
		inode_write_end(inode);
	} else if (writes) {
		(*out)->mode |= FILE_WRITER;
	}
	return error;
}

enum err file_create_nameless(const struct path *dir, const char *name, uint32_t flags,
			      uint32_t mode, const struct cred *cred, struct file **out)
{
	struct path path = {.mount = dir->mount};
	struct inode *parent = path_inode(dir);
	enum err error;

	if (!parent->ops->nameless)
		return ERR_OPNOTSUPP;
	path.dentry = dentry_create(dir->dentry, name, strlen(name));
	if (!path.dentry)
		return ERR_NOMEM;
	error = parent->ops->nameless(parent, path.dentry, S_IFREG | (mode & S_IALLUGO), cred);
	if (!error)
		error = create_counted(&path, path_inode(&path)->file_ops, flags, cred, out);
	dentry_put(path.dentry);
	return error;
}

static enum err open_checked(const struct path *path, const struct cred *cred, uint32_t flags,
			     struct file **out)
{
	const struct file_ops *ops;
	enum err error;

	error = check_existing(path, cred, flags);
	if (error)
		return error;
	ops = ops_of_inode(path_inode(path));
	if (!ops)
		return ERR_NXIO;
	return create_counted(path, ops, flags, cred, out);
}

static enum err open_existing(const struct path *path, const struct cred *cred, uint32_t flags,
			      struct file **out)
{
	struct inode *inode = path_inode(path);
	enum err error;

	if (flags & O_PATH)
		return file_create(path, &path_file_ops, flags, cred, NULL, out);
	if (!(flags & O_TRUNC) || !S_ISREG(inode->mode) || !inode->ops->truncate)
		return open_checked(path, cred, flags, out);
	error = mount_write_begin(path->mount);
	if (error)
		return error;
	error = open_checked(path, cred, flags, out);
	if (!error) {
		error = inode_truncate(inode, cred, 0);
		if (error)
			file_put(*out);
	}
	mount_write_end(path->mount);
	return error;
}

/* Makes the file whose name name_change_begin() found free. */
static enum err create_and_open(struct name_change *change, const struct path_at *at,
				uint32_t flags, uint32_t mode, struct file **out)
{
	struct path path = {.mount = change->parent.mount};
	enum err error = change->write_error;

	if (!error)
		error = may_create_in(&change->parent, at->cred);
	if (error)
		return error;
	mode = S_IFREG | (mode & S_IALLUGO & ~READ_ONCE(at->context->umask));
	error = create_locked(change, at->cred, mode, 0);
	if (error)
		return error;
	path.dentry = change->child;
	return create_counted(&path, change->child->inode->file_ops, flags, at->cred, out);
}

/*
 * O_CREAT where the walk found nothing: the directory is locked and asked once more, so of N that
 * race one makes the file. A dangling link's target is made in the link's place; *@next and
 * *@change then say where to go on.
 */
static enum err open_missing(const struct path_at *at, struct name_change *change, uint32_t flags,
			     uint32_t mode, const char **next, struct file **out)
{
	enum err error = name_change_begin(at, change);
	struct dentry *child = change->child;

	if (error)
		return error;
	if (last_is_special(&change->last) || change->last.wants_dir)
		return ERR_ISDIR;
	if (!child)
		return create_and_open(change, at, flags, mode, out);
	if (flags & O_EXCL)
		return ERR_EXIST;
	if (S_ISLNK(child->inode->mode) && !(flags & O_NOFOLLOW)) {
		/* It may be newer than what the walk has found. */
		error = inode_may_follow(path_inode(&change->parent), child->inode, at->cred);
		if (error)
			return error;
		if (!child->inode->ops->link_text)
			return ERR_NOENT;
		*next = child->inode->ops->link_text(child->inode);
		return OK;
	}
	/* Somebody was quicker: it exists now. */
	return ERR_AGAIN;
}

static enum err open_or_create(const struct path_at *at, uint32_t flags, uint32_t mode,
			       struct file **out)
{
	struct name_change change = {};
	struct name_change previous = {};
	struct path_at here = *at;
	enum err error = ERR_LOOP;

	for (unsigned links = 0; links <= LIMIT_SYMLINKS; links++) {
		const char *next = NULL;

		change = (struct name_change){};
		error = open_missing(&here, &change, flags, mode, &next, out);
		if (change.parent.dentry)
			name_change_unlock(&change);
		/* The old link's text was being read until now. */
		dentry_put(previous.child);
		path_put(&previous.parent);
		previous = change;
		if (error || !next)
			break;
		error = ERR_LOOP;
		here.base = &previous.parent;
		here.name = next;
		here.name_len = 0;
	}
	dentry_put(previous.child);
	path_put(&previous.parent);
	return error;
}

static enum err check_flags(uint32_t flags)
{
	if ((flags & O_TMPFILE_BIT) && ((flags & O_TMPFILE) != O_TMPFILE || (flags & O_CREAT) ||
					!(wanted_permissions(flags & O_ACCMODE) & MAY_WRITE)))
		return ERR_INVAL;
	if ((flags & (O_CREAT | O_DIRECTORY)) == (O_CREAT | O_DIRECTORY))
		return ERR_INVAL;
	return OK;
}

/* A regular file on the file system of a directory, without a name, to be linked later. */
static enum err open_nameless(const struct path_at *at, uint32_t flags, uint32_t mode,
			      struct file **out)
{
	struct path dir;
	enum err error = path_lookup(at, LOOKUP_FOLLOW | LOOKUP_DIRECTORY, &dir);

	if (error)
		return error;
	error = mount_write_begin(dir.mount);
	if (!error) {
		error = may_create_in(&dir, at->cred);
		if (!error)
			error = file_create_nameless(&dir, "#nameless", flags,
						     mode & ~READ_ONCE(at->context->umask),
						     at->cred, out);
		mount_write_end(dir.mount);
	}
	if (!error && !(flags & O_EXCL))
		(*out)->inode->linkable = true;
	path_put(&dir);
	return error;
}

enum err path_open(const struct path_at *at, uint32_t flags, uint32_t mode, struct file **out)
{
	unsigned lookup = flags & O_DIRECTORY ? LOOKUP_DIRECTORY : 0;
	struct path path;
	enum err error;

	/* As Linux shows it to 64-bit programs. */
	flags = flags & O_PATH ? flags & O_PATH_FLAGS : flags | O_LARGEFILE;
	error = check_flags(flags);
	if (error)
		return error;
	if (flags & O_TMPFILE_BIT)
		return open_nameless(at, flags, mode, out);
	if (!(flags & O_NOFOLLOW) && (flags & (O_CREAT | O_EXCL)) != (O_CREAT | O_EXCL))
		lookup |= LOOKUP_FOLLOW;
	for (;;) {
		error = path_lookup(at, lookup, &path);
		if (error != ERR_NOENT || !(flags & O_CREAT))
			break;
		error = open_or_create(at, flags, mode, out);
		if (error != ERR_AGAIN)
			return error;
	}
	if (error)
		return error;
	if ((flags & (O_CREAT | O_EXCL)) == (O_CREAT | O_EXCL))
		error = ERR_EXIST;
	else
		error = open_existing(&path, at->cred, flags, out);
	path_put(&path);
	return error;
}

/* Nobody writes what runs, from before its first byte is read until its last mapping is gone. */
static enum err create_running(const struct path *path, const struct cred *cred, struct file **out)
{
	struct inode *inode = path_inode(path);
	enum err error = inode_run_begin(inode);

	if (error)
		return error;
	error = file_create(path, inode->file_ops, O_RDONLY, cred, NULL, out);
	if (error)
		inode_run_end(inode);
	else
		(*out)->mode |= FILE_RUNNER;
	return error;
}

enum err path_open_exec(const struct path_at *at, unsigned lookup_flags, struct file **out)
{
	struct path path;
	struct inode *inode;
	enum err error;

	error = path_lookup(at, lookup_flags, &path);
	if (error)
		return error;
	inode = path_inode(&path);
	if (S_ISLNK(inode->mode))
		error = ERR_LOOP;
	else if (!S_ISREG(inode->mode) || (path.mount->flags & MOUNT_NOEXEC))
		error = ERR_ACCES;
	else
		error = inode_permission(inode, at->cred, MAY_EXEC);
	if (!error)
		error = create_running(&path, at->cred, out);
	path_put(&path);
	return error;
}
