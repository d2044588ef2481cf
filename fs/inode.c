/* SPDX-License-Identifier: BSD-2-Clause */
#include "fs/inode.h"

#include "kernel/lib/assert.h"

#include "fs/dentry.h"
#include "fs/file_lock.h"
#include "kernel/core/time.h"
#include "kernel/sched/thread.h"
#include "mm/space/object.h"

static uint32_t last_anonymous_minor;

void super_init(struct superblock *super, const struct super_ops *ops, const char *type_name,
		uint64_t magic)
{
	refcount_init(&super->count, 1);
	mutex_init(&super->names, LOCK_DIRECTORY);
	super->ops = ops;
	super->type_name = type_name;
	super->magic = magic;
	super->device =
		device_number(0, __atomic_add_fetch(&last_anonymous_minor, 1, __ATOMIC_RELAXED));
	super->next_inode = 1;
}

void super_put(struct superblock *super)
{
	if (!super || !refcount_put(&super->count))
		return;
	dentry_put(super->root);
	super->ops->free(super);
}

/* Takes all names out of a tree, leaves first and one at a time: it may be wide or deep. */
static void drop_names(struct superblock *super)
{
	struct dentry *dir = super->root;
	struct dentry *child;

	do {
		mutex_lock(&super->names);
		child = dentry_child_at(dir, 0);
		if (child && !dentry_is_empty(child)) {
			dir = child;
		} else if (child) {
			dentry_unpublish(child);
		} else if (dir != super->root) {
			dir = dir->parent;
			child = dir;
		}
		mutex_unlock(&super->names);
		preempt_point();
	} while (child);
}

void super_mounted(struct superblock *super)
{
	__atomic_add_fetch(&super->mounts, 1, __ATOMIC_RELAXED);
}

void super_unmounted(struct superblock *super)
{
	uint32_t left = __atomic_sub_fetch(&super->mounts, 1, __ATOMIC_ACQ_REL);

	if (!left && !(super->flags & SB_KEPT))
		drop_names(super);
}

void inode_init(struct inode *inode, struct superblock *super, uint32_t mode)
{
	int64_t now = (int64_t)time_realtime_ns();

	refcount_init(&inode->count, 1);
	mutex_init(&inode->lock, LOCK_INODE);
	inode->super = super;
	inode->mode = mode;
	inode->nlink = 1;
	inode->number = __atomic_fetch_add(&super->next_inode, 1, __ATOMIC_RELAXED);
	inode->atime_ns = now;
	inode->mtime_ns = now;
	inode->ctime_ns = now;
	inode->btime_ns = now;
}

void inode_put(struct inode *inode)
{
	if (!inode || !refcount_put(&inode->count))
		return;
	file_locks_free(inode->locks);
	inode->ops->free(inode);
}

uint64_t inode_size(const struct inode *inode)
{
	return inode->data ? READ_ONCE(inode->data->size) : inode->size;
}

void inode_touch_modified(struct inode *inode)
{
	int64_t now = (int64_t)time_realtime_ns();

	WRITE_ONCE(inode->mtime_ns, now);
	WRITE_ONCE(inode->ctime_ns, now);
}

void inode_touch_changed(struct inode *inode)
{
	WRITE_ONCE(inode->ctime_ns, (int64_t)time_realtime_ns());
}

/* As Linux's relatime: a time of access that is newer than the last change tells nothing new. */
void inode_touch_accessed(struct inode *inode)
{
	if (inode->atime_ns > inode->mtime_ns && inode->atime_ns > inode->ctime_ns)
		return;
	WRITE_ONCE(inode->atime_ns, (int64_t)time_realtime_ns());
}

struct inode_ids inode_ids(struct inode *inode)
{
	struct inode_ids ids;

	mutex_lock(&inode->lock);
	ids = (struct inode_ids){inode->mode, inode->uid, inode->gid};
	mutex_unlock(&inode->lock);
	return ids;
}

enum err inode_write_begin(struct inode *inode)
{
	int32_t now = READ_ONCE(inode->writers);

	do {
		if (now < 0)
			return ERR_TXTBSY;
		ASSERT(now < INT32_MAX);
	} while (!__atomic_compare_exchange_n(&inode->writers, &now, now + 1, false,
					      __ATOMIC_ACQUIRE, __ATOMIC_RELAXED));
	return OK;
}

void inode_write_end(struct inode *inode)
{
	int32_t before = __atomic_fetch_sub(&inode->writers, 1, __ATOMIC_RELEASE);

	ASSERT(before > 0);
}

enum err inode_run_begin(struct inode *inode)
{
	int32_t now = READ_ONCE(inode->writers);

	do {
		if (now > 0)
			return ERR_TXTBSY;
		ASSERT(now > INT32_MIN);
	} while (!__atomic_compare_exchange_n(&inode->writers, &now, now - 1, false,
					      __ATOMIC_ACQUIRE, __ATOMIC_RELAXED));
	return OK;
}

void inode_run_end(struct inode *inode)
{
	int32_t before = __atomic_fetch_add(&inode->writers, 1, __ATOMIC_RELEASE);

	ASSERT(before < 0);
}

enum err inode_truncate(struct inode *inode, const struct cred *cred, uint64_t size)
{
	enum err error = inode->ops->truncate ? inode_write_begin(inode) : ERR_INVAL;

	if (error)
		return error;
	mutex_lock(&inode->lock);
	inode_clear_setid(inode, cred);
	error = inode->ops->truncate(inode, size);
	mutex_unlock(&inode->lock);
	inode_write_end(inode);
	return error;
}
