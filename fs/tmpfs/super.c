/* SPDX-License-Identifier: BSD-2-Clause */
#include "kernel/lib/bits.h"
#include "kernel/lib/format.h"

#include "fs/dentry.h"
#include "fs/tmpfs/options.h"
#include "fs/tmpfs/tmpfs.h"
#include "fs/type_hooks.h"
#include "mm/frame.h"
#include "mm/slab.h"

#define TMPFS_MAGIC 0x01021994u

static SLAB_CACHE(super_cache, struct tmpfs_super);

/* What a tmpfs may hold if nobody says: half of the memory, and a file for each of its pages. */
static struct tmpfs_options default_options(void)
{
	return (struct tmpfs_options){.page_limit = frame_total_count() / 2,
				      .inode_limit = frame_total_count() / 2,
				      .mode = 01777};
}

/* What is refused in the end is counted for a moment, and a limit may have come down meanwhile. */
static uint64_t left_of(uint64_t limit, uint64_t used)
{
	return used < limit ? limit - used : 0;
}

static enum err tmpfs_statfs(struct superblock *super, struct kstatfs *out)
{
	struct tmpfs_super *tmpfs = container_of(super, struct tmpfs_super, super);

	/* As on Linux no limit is shown as no blocks at all. */
	if (tmpfs->page_limit != UINT64_MAX) {
		out->blocks = tmpfs->page_limit;
		out->blocks_free = left_of(tmpfs->page_limit, READ_ONCE(tmpfs->pages));
	}
	if (tmpfs->inode_limit != UINT64_MAX) {
		out->files = tmpfs->inode_limit;
		out->files_free = left_of(tmpfs->inode_limit, READ_ONCE(tmpfs->inodes));
	}
	return OK;
}

static enum err tmpfs_reconfigure(struct superblock *super, const char *text)
{
	struct tmpfs_super *tmpfs = container_of(super, struct tmpfs_super, super);
	struct tmpfs_options options = {.page_limit = tmpfs->page_limit,
					.inode_limit = tmpfs->inode_limit};
	enum err error = tmpfs_parse_options(text, frame_total_count(), &options);

	if (error)
		return error;
	if (options.page_limit < tmpfs->pages || options.inode_limit < tmpfs->inodes)
		return ERR_INVAL;
	WRITE_ONCE(tmpfs->page_limit, options.page_limit);
	WRITE_ONCE(tmpfs->inode_limit, options.inode_limit);
	return OK;
}

/* Appends ",NAME=VALUE" unless the value is the usual one; no limit is shown as 0. */
static void show(char **at, const char *end, const char *name, const char *unit, uint64_t value,
		 uint64_t usual)
{
	size_t room = (size_t)(end - *at);

	if (value != usual)
		*at += MIN(format_text(*at, room, ",%s=%lu%s", name,
				       value == UINT64_MAX ? 0 : value, unit),
			   room);
}

static uint64_t in_kib(uint64_t pages)
{
	return pages == UINT64_MAX ? pages : pages * (PAGE_SIZE / 1024);
}

/* The digits of a mode, as a decimal number. */
static uint64_t as_octal(uint32_t mode)
{
	return (mode >> 9 & 7) * 1000 + (mode >> 6 & 7) * 100 + (mode >> 3 & 7) * 10 + (mode & 7);
}

static void tmpfs_show_options(struct superblock *super, char *buffer, size_t size)
{
	const struct tmpfs_super *tmpfs = container_of(super, struct tmpfs_super, super);
	const struct tmpfs_options usual = default_options();
	const struct inode *root = super->root->inode;
	const char *end = buffer + size;

	*buffer = '\0';
	show(&buffer, end, "size", "k", in_kib(tmpfs->page_limit), in_kib(usual.page_limit));
	show(&buffer, end, "nr_inodes", "", tmpfs->inode_limit, usual.inode_limit);
	show(&buffer, end, "mode", "", as_octal(root->mode), as_octal(usual.mode));
	show(&buffer, end, "uid", "", root->uid, 0);
	show(&buffer, end, "gid", "", root->gid, 0);
}

static void tmpfs_super_free(struct superblock *super)
{
	slab_free(&super_cache, container_of(super, struct tmpfs_super, super));
}

static const struct super_ops tmpfs_super_ops = {
	.statfs = tmpfs_statfs,
	.reconfigure = tmpfs_reconfigure,
	.show_options = tmpfs_show_options,
	.free = tmpfs_super_free,
};

static enum err create(const struct tmpfs_options *options, struct superblock **out)
{
	struct tmpfs_super *tmpfs = slab_alloc_zero(&super_cache);
	struct tmpfs_inode *root;
	enum err error;

	if (!tmpfs)
		return ERR_NOMEM;
	super_init(&tmpfs->super, &tmpfs_super_ops, "tmpfs", TMPFS_MAGIC);
	tmpfs->page_limit = options->page_limit;
	tmpfs->inode_limit = options->inode_limit;
	error = tmpfs_root_create(tmpfs, &root);
	if (error)
		goto out_super;
	root->inode.mode = S_IFDIR | options->mode;
	root->inode.uid = options->uid;
	root->inode.gid = options->gid;
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

enum err tmpfs_create(uint64_t page_limit, struct superblock **out)
{
	struct tmpfs_options options = default_options();

	if (page_limit)
		options.page_limit = options.inode_limit = page_limit;
	options.mode = 0755;
	return create(&options, out);
}

static enum err tmpfs_get(const char *text, struct superblock **out)
{
	struct tmpfs_options options = default_options();
	enum err error = tmpfs_parse_options(text, frame_total_count(), &options);

	return error ? error : create(&options, out);
}

struct fs_type tmpfs_type = {.name = "tmpfs", .get = tmpfs_get};
