/* SPDX-License-Identifier: BSD-2-Clause */
#include "fs/anon.h"

#include "kernel/lib/string.h"

#include "fs/file_internal.h"
#include "kernel/core/panic.h"

#define ANON_MAGIC 0x09041934u /* Linux's ANON_INODE_FS_MAGIC */

static const char *const names[ANON_KINDS] = {
	[ANON_EVENTPOLL] = "[eventpoll]",
	[ANON_EVENTFD] = "[eventfd]",
	[ANON_TIMERFD] = "[timerfd]",
};

static const struct super_ops anon_super_ops = {};
static struct superblock anon_super;
static struct mount anon_mount;
static struct inode anon_inode;
/* One name for each kind: it is all that tells them apart from outside. */
static struct dentry *dentries[ANON_KINDS];

void anon_init(void)
{
	static const struct inode_ops ops = {};

	super_init(&anon_super, &anon_super_ops, "anon_inode", ANON_MAGIC);
	mount_init_private(&anon_mount, &anon_super);
	spread_begin(&anon_mount.count);
	inode_init(&anon_inode, &anon_super, 0600);
	anon_inode.ops = &ops;
	for (size_t i = 0; i < ANON_KINDS; i++) {
		dentries[i] = dentry_create(NULL, names[i], strlen(names[i]));
		if (!dentries[i])
			panic("fs: no memory for anonymous files");
		dentries[i]->flags |= DENTRY_ANON;
		dentries[i]->inode = inode_get(&anon_inode);
	}
}

enum err anon_create(enum anon_kind kind, const struct file_ops *ops, uint32_t flags,
		     const struct cred *cred, void *private, struct file **out)
{
	const struct path path = {.mount = &anon_mount, .dentry = dentries[kind]};

	return file_create(&path, ops, O_RDWR | flags, cred, private, out);
}
