/* SPDX-License-Identifier: BSD-2-Clause */
#include "fs/dentry.h"
#include "fs/tmpfs/tmpfs.h"
#include "fs/type_hooks.h"
#include "mm/frame.h"
#include "mm/slab.h"

#define TMPFS_MAGIC 0x01021994u

static SLAB_CACHE(super_cache, struct tmpfs_super);

static enum err tmpfs_statfs(struct superblock *super, struct kstatfs *out)
{
	struct tmpfs_super *tmpfs = container_of(super, struct tmpfs_super, super);

	out->blocks = tmpfs->page_limit;
	out->blocks_free = tmpfs->page_limit - tmpfs->pages;
	out->files = tmpfs->inode_limit;
	out->files_free = tmpfs->inode_limit - tmpfs->inodes;
	return OK;
}

static void tmpfs_super_free(struct superblock *super)
{
	slab_free(&super_cache, container_of(super, struct tmpfs_super, super));
}

static const struct super_ops tmpfs_super_ops = {
	.statfs = tmpfs_statfs,
	.free = tmpfs_super_free,
};

enum err tmpfs_create(uint64_t page_limit, struct superblock **out)
{
	struct tmpfs_super *tmpfs = slab_alloc_zero(&super_cache);
	struct tmpfs_inode *root;
	enum err error;

	if (!tmpfs)
		return ERR_NOMEM;
	super_init(&tmpfs->super, &tmpfs_super_ops, "tmpfs", TMPFS_MAGIC);
	tmpfs->page_limit = page_limit ? page_limit : frame_total_count() / 2;
	tmpfs->inode_limit = tmpfs->page_limit;
	error = tmpfs_root_create(tmpfs, &root);
	if (error)
		goto out_super;
	tmpfs->super.root = dentry_create(NULL, "", 0);
	if (!tmpfs->super.root) {
		inode_put(&root->inode);
		error = ERR_NOMEM;
		goto out_super;
	}
	tmpfs->super.root->inode = &root->inode;
	*out = &tmpfs->super;
	return OK;
out_super:
	super_put(&tmpfs->super);
	return error;
}
