/* SPDX-License-Identifier: BSD-2-Clause */
#include "fs/mount.h"

#include "kernel/lib/hash.h"

#include "mm/slab.h"

#define MOUNT_BUCKETS 64u

static SLAB_CACHE(mount_cache, struct mount);
static struct mutex mount_lock = MUTEX_INIT(mount_lock, LOCK_MOUNT);
static struct list_node all_mounts = LIST_INIT(all_mounts);
static struct list_node mount_buckets[MOUNT_BUCKETS];

void path_put(struct path *path)
{
	dentry_put(path->dentry);
	/* Mounts have no end yet: the table's own reference is never dropped. */
	if (path->mount)
		ASSERT(!refcount_put(&path->mount->count));
	path->mount = NULL;
	path->dentry = NULL;
}

static struct list_node *mount_bucket(const struct mount *parent, const struct dentry *dentry)
{
	uint64_t hash = hash_mix((uint64_t)(uintptr_t)parent, (uint64_t)(uintptr_t)dentry);
	struct list_node *bucket = &mount_buckets[hash % MOUNT_BUCKETS];

	if (!bucket->next)
		list_init(bucket);
	return bucket;
}

static struct mount *mount_create(struct superblock *super)
{
	struct mount *mount = slab_alloc_zero(&mount_cache);

	if (!mount)
		return NULL;
	refcount_init(&mount->count, 1);
	mount->super = super_get(super);
	mount->root = dentry_get(super->root);
	list_init(&mount->bucket);
	return mount;
}

enum err mount_root(struct superblock *super, struct path *root)
{
	struct mount *mount = mount_create(super);

	if (!mount)
		return ERR_NOMEM;
	list_add_tail(&all_mounts, &mount->all);
	root->mount = mount;
	root->dentry = mount->root;
	path_get(root);
	return OK;
}

enum err mount_add(struct superblock *super, const struct path *at)
{
	struct mount *mount = mount_create(super);

	if (!mount)
		return ERR_NOMEM;
	path_get(at);
	mount->parent = at->mount;
	mount->mountpoint = at->dentry;
	mutex_lock(&mount_lock);
	list_add_tail(&all_mounts, &mount->all);
	list_add_tail(mount_bucket(at->mount, at->dentry), &mount->bucket);
	at->dentry->flags |= DENTRY_MOUNTED;
	mutex_unlock(&mount_lock);
	return OK;
}

struct mount *mount_over(const struct mount *mount, const struct dentry *dentry)
{
	struct list_node *bucket = mount_bucket(mount, dentry);

	list_for_each(node, bucket)
	{
		struct mount *over = list_entry(node, struct mount, bucket);

		if (over->parent == mount && over->mountpoint == dentry)
			return over;
	}
	return NULL;
}

void mount_for_each(void (*visit)(struct mount *mount, void *context), void *context)
{
	mutex_lock(&mount_lock);
	list_for_each(node, &all_mounts) visit(list_entry(node, struct mount, all), context);
	mutex_unlock(&mount_lock);
}
