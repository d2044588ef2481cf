/* SPDX-License-Identifier: BSD-2-Clause */
#include "fs/dentry.h"

#include "kernel/lib/bits.h"
#include "kernel/lib/string.h"

#include "fs/dentry_lookup.h"
#include "fs/inode.h"
#include "fs/path.h"
#include "kernel/core/random.h"
#include "kernel/core/spinlock.h"
#include "kernel/sched/mutex.h"
#include "mm/frame.h"
#include "mm/slab.h"

/* A name too long to stand inside its dentry. */
struct dentry_name {
	struct epoch_node epoch;
	char text[];
};

#define FIRST_COOKIE 3u /* 1 and 2 stand behind "." and ".." */

static SLAB_CACHE(dentry_cache, struct dentry);
static struct spinlock cache_lock = SPINLOCK_INIT(LOCK_NAME_CACHE);
struct dentry_table dentry_table __ro_after_init;
uint32_t dentry_move_count; /* changed under cache_lock */
struct mutex dentry_rename_lock = MUTEX_INIT(dentry_rename_lock, LOCK_RENAME);

enum err dentry_init(void)
{
	/* A bucket for every two frames: 64 KiB of table at 64 MiB of memory. */
	uint64_t count = BIT(log2_floor(frame_total_count() / 2 | 1024));

	count = MIN(count, BIT(18));
	dentry_table.buckets = kcalloc(count, sizeof(struct dentry *)); /* NOLINT: of pointers */
	if (!dentry_table.buckets)
		return ERR_NOMEM;
	dentry_table.mask = count - 1;
	dentry_table.secret[0] = random_u64();
	dentry_table.secret[1] = random_u64();
	return OK;
}

static struct dentry **bucket_of(uint64_t hash)
{
	return &dentry_table.buckets[hash & dentry_table.mask];
}

static uint64_t hash_own(const struct dentry *dentry)
{
	const char *tail_at = dentry->name + align_down(dentry->name_len, 8);

	return dentry_hash(dentry->parent, dentry->name, tail_at, word_load(tail_at));
}

static void name_free(struct epoch_node *node)
{
	kfree(container_of(node, struct dentry_name, epoch));
}

/* Gives the dentry its name, zeroes behind it; *@old is what the caller retires. */
static enum err set_name(struct dentry *dentry, const char *name, size_t len,
			 struct dentry_name **old)
{
	struct dentry_name *long_name = NULL;
	char *text = dentry->inline_name;

	ASSERT(path_kind_of(name, len) == PATH_NAME);
	if (len >= DENTRY_INLINE_NAME) {
		long_name = kmalloc(sizeof(*long_name) + align_down(len, 8) + 8);
		if (!long_name)
			return ERR_NOMEM;
		text = long_name->text;
	}
	memset(text + align_down(len, 8), 0, 8);
	memcpy(text, name, len);
	if (old)
		*old = dentry->long_name;
	dentry->long_name = long_name;
	dentry->name = text;
	dentry->name_len = (uint32_t)len;
	return OK;
}

struct dentry *dentry_create(struct dentry *parent, const char *name, size_t len)
{
	struct dentry *dentry = slab_alloc_zero(&dentry_cache);

	if (!dentry)
		return NULL;
	if (set_name(dentry, name, len, NULL)) {
		slab_free(&dentry_cache, dentry);
		return NULL;
	}
	refcount_init(&dentry->count, 1);
	dentry->next_cookie = FIRST_COOKIE;
	dentry->parent = parent ? dentry_get(parent) : dentry;
	return dentry;
}

static void dentry_reclaim(struct epoch_node *node)
{
	struct dentry *dentry = container_of(node, struct dentry, epoch);

	kfree(dentry->long_name);
	slab_free(&dentry_cache, dentry);
}

static void bucket_remove(struct dentry *dentry)
{
	struct dentry **link = bucket_of(dentry->hash);

	while (*link != dentry)
		link = &(*link)->next;
	__atomic_store_n(link, dentry->next, __ATOMIC_RELEASE);
	dentry->flags &= ~DENTRY_HASHED;
}

/* Behind the others: a directory comes before what is made in it, and is asked for more often. */
static void bucket_add(struct dentry *dentry)
{
	struct dentry **link = bucket_of(dentry->hash);

	while (*link)
		link = &(*link)->next;
	dentry->next = NULL;
	dentry->flags |= DENTRY_HASHED;
	__atomic_store_n(link, dentry, __ATOMIC_RELEASE);
}

/* Parents are put in a loop: a chain of directories may be longer than the stack allows. */
void dentry_put(struct dentry *dentry)
{
	while (dentry && refcount_put(&dentry->count)) {
		struct dentry *parent = dentry->parent != dentry ? dentry->parent : NULL;

		if (dentry->flags & DENTRY_HASHED) {
			spin_lock(&cache_lock);
			bucket_remove(dentry);
			spin_unlock(&cache_lock);
		}
		inode_put(dentry->inode);
		epoch_retire(&dentry->epoch, dentry_reclaim);
		dentry = parent;
	}
}

struct dentry *dentry_find(const struct dentry *parent, const char *name, size_t len)
{
	const char *tail_at = name + align_down(len, 8);

	return dentry_lookup(parent, name, tail_at, word_load_rest(tail_at, len & 7));
}

struct dentry *dentry_find_counted(const struct dentry *parent, const char *name, size_t len)
{
	struct dentry *dentry;
	uint32_t moves;

	do {
		moves = dentry_moves();
		epoch_enter();
		dentry = dentry_find(parent, name, len);
		if (dentry && !refcount_get_unless_zero(&dentry->count))
			dentry = NULL;
		epoch_exit();
	} while (!dentry && dentry_moved(moves));
	return dentry;
}

static void order_add(struct dentry *dentry)
{
	struct rb_tree *tree = &dentry->parent->children;
	struct rb_node *last = rb_last(tree);

	/* Cookies only grow, so the newest entry is always the last one. */
	dentry->cookie = dentry->parent->next_cookie++;
	rb_insert(tree, &dentry->order, last, 1);
}

/* What a walk asks of an entry without a look at its inode. */
static void prepare(struct dentry *dentry)
{
	dentry->hash = hash_own(dentry);
	if (S_ISLNK(dentry->inode->mode))
		dentry->flags |= DENTRY_LINK;
	if (S_ISDIR(dentry->inode->mode))
		dentry->flags |= DENTRY_DIRECTORY;
}

void dentry_publish(struct dentry *dentry)
{
	prepare(dentry);
	dentry_get(dentry);
	order_add(dentry);
	spin_lock(&cache_lock);
	bucket_add(dentry);
	spin_unlock(&cache_lock);
}

/* A name like @dentry that is in use, with a reference. The cache is locked. */
static struct dentry *find_same(const struct dentry *dentry,
				bool (*same)(struct inode *a, struct inode *b))
{
	struct dentry *at = *bucket_of(dentry->hash);

	for (; at; at = at->next) {
		if (at->hash == dentry->hash && at->parent == dentry->parent &&
		    at->name_len == dentry->name_len &&
		    !memcmp(at->name, dentry->name, at->name_len) &&
		    same(at->inode, dentry->inode) && refcount_get_unless_zero(&at->count))
			return at;
	}
	return NULL;
}

struct dentry *dentry_publish_once(struct dentry *dentry,
				   bool (*same)(struct inode *a, struct inode *b))
{
	struct dentry *there;

	dentry->flags |= DENTRY_TRANSIENT;
	prepare(dentry);
	spin_lock(&cache_lock);
	there = find_same(dentry, same);
	if (!there)
		bucket_add(dentry);
	spin_unlock(&cache_lock);
	if (!there)
		return dentry;
	dentry_put(dentry);
	return there;
}

void dentry_unpublish(struct dentry *dentry)
{
	spin_lock(&cache_lock);
	bucket_remove(dentry);
	spin_unlock(&cache_lock);
	rb_erase(&dentry->parent->children, &dentry->order);
	dentry_put(dentry);
}

void dentry_still_begin(void) __no_lock_analysis
{
	spin_lock(&cache_lock);
}

void dentry_still_end(void) __no_lock_analysis
{
	spin_unlock(&cache_lock);
}

/* A full barrier: who counts a place and then finds nothing moved is seen by who looks afterwards
 * whether the place is in use. */
void dentry_moves_begin(void)
{
	dentry_still_begin();
	__atomic_add_fetch(&dentry_move_count, 1, __ATOMIC_SEQ_CST);
}

void dentry_moves_end(void)
{
	__atomic_add_fetch(&dentry_move_count, 1, __ATOMIC_RELEASE);
	dentry_still_end();
}

static void take_place(struct dentry *dentry)
{
	bucket_remove(dentry);
	rb_erase(&dentry->parent->children, &dentry->order);
}

enum err dentry_move(struct dentry *dentry, struct dentry *parent, const char *name, size_t len,
		     struct dentry *replaced)
{
	struct dentry *old_parent = dentry->parent;
	struct dentry_name *old_name = NULL;
	enum err error;

	dentry_moves_begin();
	error = set_name(dentry, name, len, &old_name);
	if (!error) {
		/* In the same move: a name that is renamed over is never missing. */
		if (replaced)
			take_place(replaced);
		take_place(dentry);
		dentry->parent = dentry_get(parent);
		dentry->hash = hash_own(dentry);
		order_add(dentry);
		bucket_add(dentry);
	}
	dentry_moves_end();
	if (error)
		return error;
	if (old_name)
		epoch_retire(&old_name->epoch, name_free);
	dentry_put(replaced);
	dentry_put(old_parent);
	return OK;
}

static void swap_names(struct dentry *a, struct dentry *b)
{
	char text[DENTRY_INLINE_NAME];

	memcpy(text, a->inline_name, sizeof(text));
	memcpy(a->inline_name, b->inline_name, sizeof(text));
	memcpy(b->inline_name, text, sizeof(text));
	SWAP(a->long_name, b->long_name);
	SWAP(a->name_len, b->name_len);
	a->name = a->long_name ? a->long_name->text : a->inline_name;
	b->name = b->long_name ? b->long_name->text : b->inline_name;
}

static void give_place(struct dentry *dentry)
{
	dentry->hash = hash_own(dentry);
	order_add(dentry);
	bucket_add(dentry);
}

void dentry_exchange(struct dentry *a, struct dentry *b)
{
	dentry_moves_begin();
	take_place(a);
	take_place(b);
	/* The references go with the pointers. */
	SWAP(a->parent, b->parent);
	swap_names(a, b);
	give_place(a);
	give_place(b);
	dentry_moves_end();
}

struct dentry *dentry_child_at(struct dentry *dir, uint64_t cookie)
{
	struct rb_node *node = dir->children.root;
	struct dentry *best = NULL;

	while (node) {
		struct dentry *dentry = container_of(node, struct dentry, order);

		if (dentry->cookie >= cookie) {
			best = dentry;
			node = node->child[0];
		} else {
			node = node->child[1];
		}
	}
	return best;
}

const struct dentry *dentry_path_text(const struct dentry *dentry, const struct dentry *stop,
				      char **at, const char *begin)
{
	while (dentry != stop && dentry->parent != dentry) {
		if (dentry->name_len + 1 > (size_t)(*at - begin)) {
			dentry = NULL;
			break;
		}
		*at -= dentry->name_len;
		memcpy(*at, dentry->name, dentry->name_len);
		*--*at = '/';
		dentry = dentry->parent;
	}
	return dentry;
}
