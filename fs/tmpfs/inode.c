/* SPDX-License-Identifier: BSD-2-Clause */
#include "kernel/lib/string.h"

#include "fs/dentry.h"
#include "fs/memfd.h"
#include "fs/tmpfs/tmpfs.h"
#include "mm/slab.h"

/* What a name adds to its directory's size: nobody counts on it, ls shows it. */
#define NAME_BYTES 20u

/* Links shorter than this cost no page. */
#define TEXT_FREE_BYTES 256u

static SLAB_CACHE(inode_cache, struct tmpfs_inode);

static enum err account_pages(struct tmpfs_super *super, int64_t pages)
{
	uint64_t now = __atomic_add_fetch(&super->pages, (uint64_t)pages, __ATOMIC_RELAXED);

	if (pages <= 0 || now <= READ_ONCE(super->page_limit))
		return OK;
	__atomic_sub_fetch(&super->pages, (uint64_t)pages, __ATOMIC_RELAXED);
	return ERR_NOSPC;
}

/* Every page of a file counts against the file system's limit. */
static enum err tmpfs_account(struct mem_object *object, int64_t pages)
{
	struct tmpfs_inode *inode = container_of(object, struct tmpfs_inode, data);

	return account_pages(tmpfs_super_of(&inode->inode), pages);
}

/* Every file and every further name of one counts against the other limit. */
static enum err account_inode(struct tmpfs_super *super)
{
	uint64_t now = __atomic_add_fetch(&super->inodes, 1, __ATOMIC_RELAXED);

	if (now <= READ_ONCE(super->inode_limit))
		return OK;
	__atomic_sub_fetch(&super->inodes, 1, __ATOMIC_RELAXED);
	return ERR_NOSPC;
}

/* A long link's text takes as much as a page of a file. */
static enum err account_text(struct tmpfs_super *super, size_t len, int64_t pages)
{
	return len >= TEXT_FREE_BYTES ? account_pages(super, pages) : OK;
}

static void inode_reclaim(struct epoch_node *node)
{
	struct tmpfs_inode *inode = container_of(node, struct tmpfs_inode, inode.epoch);
	struct superblock *super = inode->counts_super ? inode->inode.super : NULL;

	if (S_ISLNK(inode->inode.mode))
		kfree(inode->link_text);
	slab_free(&inode_cache, inode);
	super_put(super);
}

static void tmpfs_release(struct mem_object *object)
{
	struct tmpfs_inode *inode = container_of(object, struct tmpfs_inode, data);

	epoch_retire(&inode->inode.epoch, inode_reclaim);
}

static const struct mem_object_ops tmpfs_object_ops = {
	.account = tmpfs_account,
	.release = tmpfs_release,
};

/* Pages go at once; the inode itself when its memory object and the last walk are done with it. */
static void tmpfs_free(struct inode *inode)
{
	__atomic_sub_fetch(&tmpfs_super_of(inode)->inodes, 1, __ATOMIC_RELAXED);
	if (S_ISLNK(inode->mode))
		(void)!account_text(tmpfs_super_of(inode), inode->size, -1);
	if (inode->data)
		mem_object_put(inode->data);
	else
		epoch_retire(&inode->epoch, inode_reclaim);
}

/* An inode with no name yet; nlink as for its first one. */
static enum err inode_create(struct tmpfs_super *super, uint32_t mode, struct tmpfs_inode **out)
{
	struct tmpfs_inode *inode;
	enum err error = account_inode(super);

	if (error)
		return error;
	inode = slab_alloc_zero(&inode_cache);
	if (!inode) {
		__atomic_sub_fetch(&super->inodes, 1, __ATOMIC_RELAXED);
		return ERR_NOMEM;
	}
	inode_init(&inode->inode, &super->super, mode);
	inode->inode.ops = &tmpfs_inode_ops;
	if (S_ISREG(mode)) {
		mem_object_init(&inode->data, &tmpfs_object_ops, 0);
		inode->inode.seals = SEAL_SEAL;
		inode->inode.data = &inode->data;
		inode->inode.file_ops = &tmpfs_file_ops;
	} else if (S_ISDIR(mode)) {
		inode->inode.file_ops = &tmpfs_dir_ops;
		inode->inode.nlink = 2;
	}
	*out = inode;
	return OK;
}

enum err tmpfs_root_create(struct tmpfs_super *super, struct tmpfs_inode **out)
{
	return inode_create(super, S_IFDIR | 0755, out);
}

static void name_added(struct inode *dir)
{
	dir->size += NAME_BYTES;
	inode_touch_modified(dir);
}

static void name_removed(struct inode *dir)
{
	dir->size -= NAME_BYTES;
	inode_touch_modified(dir);
}

static enum err tmpfs_nameless(struct inode *dir, struct dentry *dentry, uint32_t mode,
			       const struct cred *cred)
{
	struct tmpfs_inode *inode;
	enum err error;

	error = inode_create(tmpfs_super_of(dir), mode, &inode);
	if (error)
		return error;
	super_get(dir->super);
	inode->counts_super = true;
	inode_init_owner(&inode->inode, dir, cred, mode);
	inode->inode.nlink = 0;
	dentry->inode = &inode->inode;
	return OK;
}

static enum err tmpfs_create_node(struct inode *dir, struct dentry *dentry, uint32_t mode,
				  uint64_t device, const struct cred *cred)
{
	enum err error = tmpfs_nameless(dir, dentry, mode, cred);

	if (error)
		return error;
	dentry->inode->device = device;
	dentry->inode->nlink = S_ISDIR(mode) ? 2 : 1;
	if (S_ISDIR(mode))
		dir->nlink++;
	name_added(dir);
	return OK;
}

static enum err tmpfs_symlink(struct inode *dir, struct dentry *dentry, const char *target,
			      const struct cred *cred)
{
	size_t len = strlen(target);
	enum err error = account_text(tmpfs_super_of(dir), len, 1);
	char *text;

	if (error)
		return error;
	text = kmalloc(len + 1);
	if (!text) {
		error = ERR_NOMEM;
		goto out_account;
	}
	memcpy(text, target, len + 1);
	error = tmpfs_create_node(dir, dentry, S_IFLNK | 0777, 0, cred);
	if (error)
		goto out_text;
	tmpfs_inode_of(dentry->inode)->link_text = text;
	dentry->inode->size = len;
	return OK;
out_text:
	kfree(text);
out_account:
	(void)!account_text(tmpfs_super_of(dir), len, -1);
	return error;
}

static enum err tmpfs_link(struct inode *dir, struct dentry *dentry, struct inode *inode)
{
	enum err error;

	if (inode->nlink == UINT32_MAX)
		return ERR_MLINK;
	/* A name stays in memory, so a further one counts as a file, or links would have no bound.
	 */
	error = inode->nlink ? account_inode(tmpfs_super_of(inode)) : OK;
	if (error)
		return error;
	inode->nlink++;
	inode_touch_changed(inode);
	dentry->inode = inode_get(inode);
	name_added(dir);
	return OK;
}

/* One name of @inode in @dir is gone; a directory's own "." and its ".." go with it. */
static void drop_link(struct inode *dir, struct inode *inode)
{
	if (S_ISDIR(inode->mode)) {
		inode->nlink = 0;
		dir->nlink--;
	} else if (--inode->nlink) {
		__atomic_sub_fetch(&tmpfs_super_of(inode)->inodes, 1, __ATOMIC_RELAXED);
	}
	inode_touch_changed(inode);
}

static enum err tmpfs_unlink(struct inode *dir, struct dentry *dentry)
{
	drop_link(dir, dentry->inode);
	name_removed(dir);
	return OK;
}

/* A directory that goes from @from to @to takes its ".." along. */
static void move_parent(const struct inode *moved, struct inode *from, struct inode *to)
{
	if (S_ISDIR(moved->mode)) {
		from->nlink--;
		to->nlink++;
	}
}

static enum err tmpfs_rename(struct inode *from, struct dentry *dentry, struct inode *to,
			     struct dentry *replaced)
{
	if (replaced) {
		drop_link(to, replaced->inode);
		name_removed(to);
	}
	move_parent(dentry->inode, from, to);
	name_removed(from);
	name_added(to);
	inode_touch_changed(dentry->inode);
	return OK;
}

static void tmpfs_exchange(struct inode *from, struct dentry *dentry, struct inode *to,
			   struct dentry *other)
{
	move_parent(dentry->inode, from, to);
	move_parent(other->inode, to, from);
	inode_touch_modified(from);
	inode_touch_modified(to);
	inode_touch_changed(dentry->inode);
	inode_touch_changed(other->inode);
}

static const char *tmpfs_link_text(struct inode *inode)
{
	return tmpfs_inode_of(inode)->link_text;
}

static enum err tmpfs_truncate(struct inode *inode, uint64_t size)
{
	uint64_t now = inode_size(inode);

	if ((size < now && (inode->seals & SEAL_SHRINK)) ||
	    (size > now && (inode->seals & SEAL_GROW)))
		return ERR_PERM;
	mem_object_truncate(inode->data, size);
	inode_touch_modified(inode);
	return OK;
}

const struct inode_ops tmpfs_inode_ops = {
	.create = tmpfs_create_node,
	.symlink = tmpfs_symlink,
	.link = tmpfs_link,
	.unlink = tmpfs_unlink,
	.rename = tmpfs_rename,
	.exchange = tmpfs_exchange,
	.nameless = tmpfs_nameless,
	.link_text = tmpfs_link_text,
	.truncate = tmpfs_truncate,
	.free = tmpfs_free,
};
