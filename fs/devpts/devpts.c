/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * devpts: the slaves of pseudo terminals by their numbers. A name stands here from the open of its
 * master to its close; programs change its owner and mode, nothing else. There is one, whatever it
 * is mounted on.
 */
#include "kernel/lib/format.h"

#include "drv/pty_hooks.h"
#include "drv/tty/pty.h"
#include "fs/dentry.h"
#include "fs/file.h"
#include "fs/readdir.h"
#include "fs/type_hooks.h"
#include "mm/slab.h"

#define DEVPTS_MAGIC 0x1cd1u
#define TTY_GROUP    5u /* Linux's mount option gid=5: who may write to others' terminals */
#define NAME_BYTES   12u
#define INODE_FIRST  3u /* of number 0; the root and ptmx stand before */

static SLAB_CACHE(inode_cache, struct inode);
static struct superblock devpts;

static void inode_reclaim(struct epoch_node *node)
{
	slab_free(&inode_cache, container_of(node, struct inode, epoch));
}

static void devpts_inode_free(struct inode *inode)
{
	epoch_retire(&inode->epoch, inode_reclaim);
}

static const struct inode_ops devpts_inode_ops = {.free = devpts_inode_free};
static const struct file_ops devpts_dir_ops = {.readdir = readdir_resident};
static const struct super_ops devpts_super_ops = {};

static struct inode *inode_create(uint32_t mode, uint64_t number)
{
	struct inode *inode = slab_alloc_zero(&inode_cache);

	if (!inode)
		return NULL;
	inode_init(inode, &devpts, mode);
	inode->number = number;
	inode->ops = &devpts_inode_ops;
	return inode;
}

/* Publishes @inode, whose reference is taken over, as @name. */
static enum err name_add(const char *name, size_t len, struct inode *inode)
{
	struct dentry *dentry = dentry_create(devpts.root, name, len);

	if (!dentry) {
		inode_put(inode);
		return ERR_NOMEM;
	}
	dentry->inode = inode;
	mutex_lock(&devpts.names);
	dentry_publish(dentry);
	inode_touch_modified(devpts.root->inode);
	mutex_unlock(&devpts.names);
	dentry_put(dentry);
	return OK;
}

enum err pty_node_add(uint32_t index, uint32_t uid)
{
	struct inode *inode = inode_create(S_IFCHR | 0620, INODE_FIRST + index);
	char name[NAME_BYTES];

	if (!inode)
		return ERR_NOMEM;
	inode->device = device_number(PTY_MAJOR, index);
	inode->uid = uid;
	inode->gid = TTY_GROUP;
	return name_add(name, format_text(name, sizeof(name), "%u", index), inode);
}

void pty_node_remove(uint32_t index)
{
	char name[NAME_BYTES];
	size_t len = format_text(name, sizeof(name), "%u", index);
	struct dentry *dentry;

	mutex_lock(&devpts.names);
	dentry = dentry_find_counted(devpts.root, name, len);
	dentry->inode->nlink = 0;
	inode_touch_changed(dentry->inode);
	inode_touch_modified(devpts.root->inode);
	dentry_unpublish(dentry);
	mutex_unlock(&devpts.names);
	dentry_put(dentry);
}

static enum err devpts_get(const char *options, struct superblock **out)
{
	(void)options;
	*out = super_get(&devpts);
	return OK;
}

struct fs_type devpts_type = {.name = "devpts", .get = devpts_get};

/* Linux's ptmx inside devpts: there, and closed to everybody, unless root opens it. */
static enum err add_ptmx(void)
{
	struct inode *inode = inode_create(S_IFCHR, 2);

	if (!inode)
		return ERR_NOMEM;
	inode->device = device_number(PTMX_MAJOR, PTMX_MINOR);
	return name_add("ptmx", 4, inode);
}

enum err devpts_create(struct superblock **out)
{
	struct inode *root;

	super_init(&devpts, &devpts_super_ops, devpts_type.name, DEVPTS_MAGIC);
	devpts.flags |= SB_KEPT;
	devpts.root = dentry_create(NULL, "", 0);
	root = inode_create(S_IFDIR | 0755, 1);
	if (!devpts.root || !root)
		return ERR_NOMEM;
	root->nlink = 2;
	root->file_ops = &devpts_dir_ops;
	devpts.root->inode = root;
	*out = super_get(&devpts);
	return add_ptmx();
}
