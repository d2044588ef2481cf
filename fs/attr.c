/* SPDX-License-Identifier: BSD-2-Clause */
#include "fs/attr.h"

#include "kernel/lib/bits.h"
#include "kernel/lib/string.h"

#include "kernel/core/time.h"
#include "mm/addr.h"
#include "mm/space/object.h"

void vfs_stat(const struct path *path, struct kstat *out)
{
	const struct inode *inode = path_inode(path);

	out->dev = inode->super->device;
	out->ino = inode->number;
	out->nlink = inode->nlink;
	out->mode = inode->mode;
	out->uid = inode->uid;
	out->gid = inode->gid;
	out->blksize = PAGE_SIZE;
	out->rdev = inode->device;
	out->size = inode_size(inode);
	out->blocks = inode->data ? inode->data->page_count * (PAGE_SIZE / 512) : 0;
	out->atime_ns = inode->atime_ns;
	out->mtime_ns = inode->mtime_ns;
	out->ctime_ns = inode->ctime_ns;
	out->btime_ns = inode->btime_ns;
}

/* statfs(2) has numbers of its own where they are not mount(2)'s. */
#define STATFS_VALID    0x20u
#define STATFS_RELATIME 0x1000u

static uint64_t statfs_flags(const struct mount *mount)
{
	uint64_t flags = mount->flags;

	if (mount_is_readonly(mount))
		flags |= MOUNT_RDONLY;
	return flags & MOUNT_NOATIME ? flags : flags | STATFS_RELATIME;
}

enum err vfs_statfs(const struct path *path, struct kstatfs *out)
{
	struct superblock *super = path_inode(path)->super;

	*out = (struct kstatfs){
		.type = super->magic,
		.block_size = PAGE_SIZE,
		.fsid = super->device,
		.name_max = 255,
		.flags = STATFS_VALID | statfs_flags(path->mount),
	};
	return super->ops->statfs ? super->ops->statfs(super, out) : OK;
}

enum err vfs_access(const struct path *path, const struct cred *cred, unsigned mask)
{
	const struct inode *inode = path_inode(path);
	enum err error;

	if ((mask & MAY_EXEC) && S_ISREG(inode->mode) && (path->mount->flags & MOUNT_NOEXEC))
		return ERR_ACCES;
	error = inode_permission(inode, cred, mask);
	if (!error && (mask & MAY_WRITE) && inode_is_stored(inode) &&
	    mount_is_readonly(path->mount))
		return ERR_ROFS;
	return error;
}

enum err vfs_chmod(const struct path *path, const struct cred *cred, uint32_t mode)
{
	struct inode *inode = path_inode(path);
	enum err error = mount_write_begin(path->mount);

	if (error)
		return error;
	if (S_ISLNK(inode->mode)) {
		error = ERR_OPNOTSUPP;
	} else if (inode->super->flags & SB_FIXED) {
		error = ERR_PERM;
	} else {
		mutex_lock(&inode->lock);
		error = inode_change_mode(inode, cred, mode);
		if (!error)
			inode_touch_changed(inode);
		mutex_unlock(&inode->lock);
	}
	mount_write_end(path->mount);
	return error;
}

enum err vfs_chown(const struct path *path, const struct cred *cred, uint32_t uid, uint32_t gid)
{
	struct inode *inode = path_inode(path);
	enum err error = mount_write_begin(path->mount);

	if (error)
		return error;
	if (inode->super->flags & SB_FIXED) {
		error = ERR_PERM;
	} else {
		mutex_lock(&inode->lock);
		error = inode_change_owner(inode, cred, uid, gid);
		if (!error)
			inode_touch_changed(inode);
		mutex_unlock(&inode->lock);
	}
	mount_write_end(path->mount);
	return error;
}

static void set_time(int64_t *field, int64_t value, int64_t now)
{
	if (value != TIME_OMIT)
		WRITE_ONCE(*field, value == TIME_NOW ? now : value);
}

static enum err change_times(struct inode *inode, const struct cred *cred, int64_t atime_ns,
			     int64_t mtime_ns)
{
	int64_t now = (int64_t)time_realtime_ns();
	enum err error;

	if (!inode_is_owner(inode, cred)) {
		/* Whoever may write may set both to now, and nothing else. */
		if (atime_ns != TIME_NOW || mtime_ns != TIME_NOW)
			return ERR_PERM;
		error = inode_permission(inode, cred, MAY_WRITE);
		if (error)
			return error;
	}
	set_time(&inode->atime_ns, atime_ns, now);
	set_time(&inode->mtime_ns, mtime_ns, now);
	WRITE_ONCE(inode->ctime_ns, now);
	return OK;
}

enum err vfs_utimens(const struct path *path, const struct cred *cred, int64_t atime_ns,
		     int64_t mtime_ns)
{
	struct inode *inode = path_inode(path);
	enum err error;

	if (atime_ns == TIME_OMIT && mtime_ns == TIME_OMIT)
		return OK;
	error = mount_write_begin(path->mount);
	if (error)
		return error;
	mutex_lock(&inode->lock);
	error = change_times(inode, cred, atime_ns, mtime_ns);
	mutex_unlock(&inode->lock);
	mount_write_end(path->mount);
	return error;
}

enum err vfs_truncate(const struct path *path, const struct cred *cred, int64_t size)
{
	struct inode *inode = path_inode(path);
	enum err error;

	if (size < 0)
		return ERR_INVAL;
	if (S_ISDIR(inode->mode))
		return ERR_ISDIR;
	if (!S_ISREG(inode->mode) || !inode->ops->truncate)
		return ERR_INVAL;
	error = mount_write_begin(path->mount);
	if (error)
		return error;
	error = inode_permission(inode, cred, MAY_WRITE);
	if (!error)
		error = inode_truncate(inode, cred, (uint64_t)size);
	mount_write_end(path->mount);
	return error;
}

int64_t vfs_readlink(const struct path *path, char *buffer, size_t size)
{
	struct inode *inode = path_inode(path);
	const char *text;
	size_t len;

	if (!S_ISLNK(inode->mode))
		return ERR_INVAL;
	if (inode->ops->link_name)
		return inode->ops->link_name(inode, buffer, size);
	if (!inode->ops->link_text)
		return ERR_INVAL;
	text = inode->ops->link_text(inode);
	len = MIN(strlen(text), size);
	memcpy(buffer, text, len);
	return (int64_t)len;
}
