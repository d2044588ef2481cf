/* SPDX-License-Identifier: BSD-2-Clause */
/* Where nameless pipes live: a file system that is mounted nowhere. */
#include "fs/file_internal.h"
#include "fs/pipe.h"
#include "mm/slab.h"

#define PIPEFS_MAGIC 0x50495045u

static SLAB_CACHE(inode_cache, struct inode);

static void inode_reclaim(struct epoch_node *node)
{
	slab_free(&inode_cache, container_of(node, struct inode, epoch));
}

static void pipefs_inode_free(struct inode *inode)
{
	epoch_retire(&inode->epoch, inode_reclaim);
}

static const struct inode_ops pipefs_inode_ops = {.free = pipefs_inode_free};
static const struct super_ops pipefs_super_ops = {};
static struct superblock pipefs;
static struct mount pipefs_mount;

void pipefs_init(void)
{
	super_init(&pipefs, &pipefs_super_ops, "pipe", PIPEFS_MAGIC);
	mount_init_private(&pipefs_mount, &pipefs);
	spread_begin(&pipefs_mount.count);
}

static struct inode *pipefs_inode(const struct cred *cred)
{
	struct inode *inode = slab_alloc_zero(&inode_cache);

	if (!inode)
		return NULL;
	inode_init(inode, &pipefs, S_IFIFO | 0600);
	inode->ops = &pipefs_inode_ops;
	inode->uid = cred->fsuid;
	inode->gid = cred->fsgid;
	return inode;
}

static enum err pipefs_path(const struct cred *cred, struct path *path)
{
	struct inode *inode = pipefs_inode(cred);

	if (!inode)
		return ERR_NOMEM;
	path->dentry = dentry_create(NULL, "", 0);
	if (!path->dentry) {
		inode_put(inode);
		return ERR_NOMEM;
	}
	path->dentry->flags |= DENTRY_ANON;
	path->dentry->inode = inode;
	path->mount = &pipefs_mount;
	spread_get(&pipefs_mount.count);
	return OK;
}

enum err pipe_create(uint32_t flags, const struct cred *cred, struct file *files[2])
{
	const uint32_t kept = flags & (O_NONBLOCK | O_DIRECT);
	struct path path;
	enum err error;

	error = pipefs_path(cred, &path);
	if (error)
		return error;
	error = file_create(&path, &fifo_file_ops, O_RDONLY | kept, cred, NULL, &files[0]);
	if (error)
		goto out_path;
	error = file_create(&path, &fifo_file_ops, O_WRONLY | kept, cred, NULL, &files[1]);
	if (error)
		file_put(files[0]);
out_path:
	path_put(&path);
	return error;
}
