/* SPDX-License-Identifier: BSD-2-Clause */
#pragma once
/* tmpfs: names stand in the name cache, bytes in memory objects; here is only what joins them. */
#include "fs/inode.h"
#include "mm/space/object.h"

struct tmpfs_super {
	struct superblock super;
	uint64_t page_limit, pages; /* of files' data */
	uint64_t inode_limit, inodes;
};

struct tmpfs_inode {
	struct inode inode;
	bool counts_super; /* all but the root, whom the superblock holds */
	union {
		struct mem_object data; /* regular files: inode.data points here */
		char *link_text;        /* symbolic links */
	};
};

static inline struct tmpfs_super *tmpfs_super_of(const struct inode *inode)
{
	return container_of(inode->super, struct tmpfs_super, super);
}

static inline struct tmpfs_inode *tmpfs_inode_of(struct inode *inode)
{
	return container_of(inode, struct tmpfs_inode, inode);
}

extern const struct inode_ops tmpfs_inode_ops;
extern const struct file_ops tmpfs_file_ops, tmpfs_dir_ops;

/** The root directory's inode, or ERR_NOMEM. */
enum err tmpfs_root_create(struct tmpfs_super *super, struct tmpfs_inode **out);
