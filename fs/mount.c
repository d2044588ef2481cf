/* SPDX-License-Identifier: BSD-2-Clause */
/* The table of mounts: what is mounted over which place, and how long a mount lives. */
#include "kernel/lib/bits.h"
#include "kernel/lib/hash.h"
#include "kernel/lib/string.h"

#include "fs/mount_internal.h"
#include "kernel/core/random.h"
#include "mm/frame.h"
#include "mm/slab.h"

static SLAB_CACHE(mount_cache, struct mount);
struct mutex mount_lock = MUTEX_INIT(mount_lock, LOCK_MOUNT);
struct mount_space mount_first_space = {.mounts = LIST_INIT(mount_first_space.mounts)};
static struct mount **buckets __ro_after_init;
static uint64_t bucket_mask __ro_after_init;
static uint64_t hash_seed __ro_after_init;
static uint32_t last_id;

enum err mount_init(void)
{
	/* 8 KiB of table at 64 MiB of memory. */
	uint64_t count = BIT(log2_floor(frame_total_count() / 16 | 64));

	spread_boot();
	count = MIN(count, BIT(16));
	buckets = kcalloc(count, sizeof(*buckets)); /* NOLINT: the table is of pointers */
	if (!buckets)
		return ERR_NOMEM;
	bucket_mask = count - 1;
	hash_seed = random_u64();
	return OK;
}

void path_put(struct path *path)
{
	dentry_put(path->dentry);
	if (path->mount)
		mount_put(path->mount);
	path->mount = NULL;
	path->dentry = NULL;
}

void mount_init_private(struct mount *mount, struct superblock *super)
{
	spread_init(&mount->count, 1);
	mount->super = super;
	mount->root = super->root;
	list_init(&mount->all);
	list_init(&mount->children);
	list_init(&mount->sibling);
}

struct mount *mount_create(struct superblock *super, struct dentry *root, const char *source,
			   uint32_t flags)
{
	struct mount *mount = slab_alloc_zero(&mount_cache);
	size_t len = source ? strlen(source) + 1 : 0;

	if (!mount)
		return NULL;
	mount->source = len ? kmalloc(len) : NULL;
	if (len && !mount->source) {
		slab_free(&mount_cache, mount);
		return NULL;
	}
	if (len)
		memcpy(mount->source, source, len);
	mount_init_private(mount, super_get(super));
	mount->root = dentry_get(root);
	mount->flags = flags & MOUNT_FLAGS;
	mount->id = __atomic_add_fetch(&last_id, 1, __ATOMIC_RELAXED);
	super_mounted(super);
	return mount;
}

/* Walks that came in through the mount are over: the file system itself may go. */
static void mount_reclaim(struct epoch_node *node)
{
	struct mount *mount = container_of(node, struct mount, epoch);

	dentry_put(mount->root);
	super_put(mount->super);
	kfree(mount->source);
	spread_free(&mount->count);
	slab_free(&mount_cache, mount);
}

void mount_end(struct mount *mount)
{
	ASSERT(!mount->parent && !mount->space);
	super_unmounted(mount->super);
	epoch_retire(&mount->epoch, mount_reclaim);
}

static struct mount **mount_bucket(const struct mount *parent, const struct dentry *dentry)
{
	uint64_t hash = hash_mix(hash_seed ^ (uint64_t)(uintptr_t)parent,
				 hash_u64((uint64_t)(uintptr_t)dentry));

	return &buckets[hash & bucket_mask];
}

struct mount *mount_over(const struct mount *mount, const struct dentry *dentry)
{
	struct mount *over = __atomic_load_n(mount_bucket(mount, dentry), __ATOMIC_ACQUIRE);

	while (over && (over->parent != mount || over->mountpoint != dentry))
		over = READ_ONCE(over->next);
	return over;
}

struct path mount_topmost(const struct path *at)
{
	struct path top = *at;

	for (struct mount *over; (over = mount_over(top.mount, top.dentry));)
		top = (struct path){over, over->root};
	return top;
}

/* A place that was removed, or is being: nothing can be mounted there any more. */
enum err mount_hold_place(const struct path *at)
{
	struct dentry *dentry = at->dentry;
	struct mutex *names = &dentry->inode->super->names;
	enum err error = ERR_NOENT;

	mutex_lock(names);
	if ((dentry->flags & DENTRY_HASHED) || dentry->parent == dentry) {
		dentry->mounted++;
		error = OK;
	}
	mutex_unlock(names);
	return error;
}

void mount_enter_space(struct mount *mount, struct mount_space *space)
{
	mount->space = space;
	list_add_tail(&space->mounts, &mount->all);
	space->count++;
	spread_begin(&mount->count);
}

void mount_hang(struct mount *mount, const struct path *at, struct mount_space *space)
{
	struct mount **bucket = mount_bucket(at->mount, at->dentry);

	path_get(at);
	mount->mountpoint = at->dentry;
	mount->parent = at->mount;
	list_add_tail(&at->mount->children, &mount->sibling);
	mount->next = *bucket;
	__atomic_store_n(bucket, mount, __ATOMIC_RELEASE);
	if (space && mount->space != space)
		mount_enter_space(mount, space);
}

enum err mount_attach(struct mount *mount, const struct path *at, struct mount_space *space)
{
	enum err error = mount_hold_place(at);

	if (error)
		return error;
	dentry_moves_begin();
	mount_hang(mount, at, space);
	dentry_moves_end();
	return OK;
}

void mount_unhang(struct mount *mount, struct path *left)
{
	struct mount **link = mount_bucket(mount->parent, mount->mountpoint);

	while (*link != mount)
		link = &(*link)->next;
	__atomic_store_n(link, mount->next, __ATOMIC_RELEASE);
	*left = (struct path){mount->parent, mount->mountpoint};
	__atomic_store_n(&mount->parent, NULL, __ATOMIC_RELEASE);
	list_remove(&mount->sibling);
	mount->mountpoint->mounted--;
}

/* The space's reference and the caller's: anything more is a user. */
static bool is_busy(struct mount *mount)
{
	return !list_empty(&mount->children) || !spread_end(&mount->count, 2);
}

/* Who finds the mount from here on starts again, so what is counted now are its users. */
static enum err unhang(struct mount *mount, bool only_unused)
{
	enum err error = OK;

	if (!mount->parent)
		return OK;
	dentry_moves_begin();
	if (only_unused && is_busy(mount))
		error = ERR_BUSY;
	else
		mount_unhang(mount, &mount->left);
	dentry_moves_end();
	return error;
}

static void leave_space(struct mount *mount, struct list_node *gone)
{
	if (mount->space) {
		(void)spread_end(&mount->count, UINT32_MAX);
		list_remove(&mount->all);
		mount->space->count--;
		mount->space = NULL;
	}
	list_add_tail(gone, &mount->all);
}

enum err mount_detach_tree(struct mount *top, bool only_unused, struct list_node *gone)
{
	enum err error = unhang(top, only_unused);
	struct mount *mount;

	if (error)
		return error;
	/* No walk comes in from above any more: below they may go one by one. */
	do {
		for (mount = top; !list_empty(&mount->children);)
			mount = list_first(&mount->children, struct mount, sibling);
		(void)!unhang(mount, false);
		leave_space(mount, gone);
	} while (mount != top);
	return OK;
}

void mount_drop_all(struct list_node *gone)
{
	while (!list_empty(gone)) {
		struct mount *mount = list_first(gone, struct mount, all);

		list_remove(&mount->all);
		path_put(&mount->left);
		mount_put(mount);
	}
}

struct mount *mount_next(struct mount *mount, const struct mount *top)
{
	struct list_node *next = mount->children.next;

	while (next == &mount->children) {
		if (mount == top)
			return NULL;
		next = mount->sibling.next;
		mount = mount->parent;
	}
	return list_entry(next, struct mount, sibling);
}

void mount_for_each(void (*visit)(struct mount *mount, void *context), void *context)
{
	mutex_lock(&mount_lock);
	list_for_each(node, &mount_first_space.mounts)
		visit(list_entry(node, struct mount, all), context);
	mutex_unlock(&mount_lock);
}

enum err mount_write_begin(struct mount *mount)
{
	__atomic_add_fetch(&mount->super->writers, 1, __ATOMIC_SEQ_CST);
	__atomic_add_fetch(&mount->writers, 1, __ATOMIC_SEQ_CST);
	if (likely(!mount_is_readonly(mount)))
		return OK;
	mount_write_end(mount);
	return ERR_ROFS;
}

void mount_write_end(struct mount *mount)
{
	__atomic_sub_fetch(&mount->writers, 1, __ATOMIC_RELEASE);
	__atomic_sub_fetch(&mount->super->writers, 1, __ATOMIC_RELEASE);
}
