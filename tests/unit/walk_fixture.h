/* SPDX-License-Identifier: BSD-2-Clause */
#pragma once
/* Trees of names with mounts, links and names that are made on demand, and what a walk asks of
 * others. */
#include "kernel/lib/compiler.h"

#include "fs/dentry_lookup.h"
#include "fs/mount_internal.h"
#include "fs/walk.h"
#include "tests/unit/heap.h"
#include "tests/unit/locks.h"

#define NODES   64u
#define MOUNTS  4u
#define BUCKETS 64u

struct node {
	struct dentry dentry;
	struct inode inode;
	char name[24];
	char text[64];      /* a link's */
	struct path target; /* a magic link's */
};

static struct node nodes[NODES];
static unsigned node_count;
static struct mount mounts[MOUNTS];
static struct superblock supers[MOUNTS];
static unsigned mount_count;
static struct dentry *buckets[BUCKETS];
static struct fs_context context;
static struct cred *cred;
static struct cpu cpu;
static struct thread thread;
static unsigned moves_left;
static bool names_are_gone;    /* for who asks for them */
static struct refcount *dying; /* has ended, and is back when the walk has let go of the rest */
static uint64_t seed = 31;

struct cpu *sim_self = &cpu;
uint64_t sim_now;
bool sim_irq_on = true;
struct dentry_table dentry_table = {.buckets = buckets, .mask = BUCKETS - 1, .secret = {3, 5}};
uint32_t dentry_move_count;
struct mutex dentry_rename_lock = MUTEX_INIT(dentry_rename_lock, LOCK_RENAME);
struct mutex mount_lock = MUTEX_INIT(mount_lock, LOCK_MOUNT);

static inline uint64_t below(uint64_t limit)
{
	return check_random(&seed) % limit;
}

/* --- what the walk asks of others --- */

void mutex_violation(uint64_t bit)
{
	(void)bit;
	abort();
}

void mutex_lock_contended(struct mutex *mutex, const char *place)
{
	(void)mutex, (void)place;
	abort();
}
void mutex_unlock_contended(struct mutex *mutex)
{
	(void)mutex;
	abort();
}
void epoch_exit_work(struct cpu *here)
{
	(void)here;
	abort();
}

void dentry_put(struct dentry *dentry)
{
	CHECK(!cpu.epoch_depth);
	if (dentry)
		dentry->count.value--;
}

void path_put(struct path *path)
{
	CHECK(!cpu.epoch_depth);
	if (dying)
		dying->value = 100;
	if (path->mount)
		(void)spread_put(&path->mount->count);
	dentry_put(path->dentry);
	*path = (struct path){};
}

/* Others move something, until who walks makes them wait. */
struct mount *mount_over(const struct mount *mount, const struct dentry *dentry)
{
	if (moves_left && !dentry_rename_lock.owner) {
		moves_left--;
		dentry_move_count += 2;
	}
	for (unsigned i = 1; i < mount_count; i++)
		if (mounts[i].parent == mount && mounts[i].mountpoint == dentry)
			return &mounts[i];
	return NULL;
}

static inline struct node *child_of(const struct dentry *dir, const char *name, size_t len)
{
	for (unsigned i = 0; i < node_count; i++)
		if (nodes[i].dentry.parent == dir && &nodes[i].dentry != dir &&
		    strlen(nodes[i].name) == len && memcmp(nodes[i].name, name, len) == 0)
			return &nodes[i];
	return NULL;
}

struct dentry *dentry_find_counted(const struct dentry *dir, const char *name, size_t len)
{
	struct node *child = child_of(dir, name, len);

	CHECK(!cpu.epoch_depth);
	if (!child || !(child->dentry.flags & DENTRY_HASHED))
		return NULL;
	return dentry_get(&child->dentry);
}

static inline enum err look_up(struct dentry *dir, const char *name, size_t len,
			       struct dentry **out)
{
	struct node *child = child_of(dir, name, len);

	CHECK(!cpu.epoch_depth);
	if (!child || names_are_gone)
		return ERR_NOENT;
	*out = dentry_get(&child->dentry);
	return OK;
}

static inline struct node *node_of(struct inode *inode)
{
	return container_of(inode, struct node, inode);
}

/* Links' texts may go with them: the walk has none left outside the section. */
static inline const char *link_text(struct inode *inode)
{
	CHECK(cpu.epoch_depth == 1);
	return node_of(inode)->text;
}

static inline enum err link_path(struct inode *inode, struct path *out)
{
	struct path *target = &node_of(inode)->target;

	CHECK(!cpu.epoch_depth);
	if (!target->mount)
		return ERR_ACCES;
	path_get(target);
	*out = *target;
	return OK;
}

static inline bool revalidate(struct inode *inode)
{
	return inode->number % 2;
}

static const struct inode_ops plain = {.link_text = link_text};
static const struct inode_ops on_demand = {
	.link_text = link_text, .lookup = look_up, .revalidate = revalidate};
static const struct inode_ops magic = {.link_path = link_path};

/* --- a tree --- */

static inline void hash_in(struct node *node)
{
	size_t len = strlen(node->name);
	struct dentry *dentry = &node->dentry;
	struct dentry **bucket;

	dentry->name = node->name;
	dentry->name_len = (uint32_t)len;
	dentry->hash = dentry_hash(dentry->parent, node->name, node->name + len / 8 * 8,
				   word_load_rest(node->name + len / 8 * 8, len % 8));
	bucket = &buckets[dentry->hash & (BUCKETS - 1)];
	dentry->next = *bucket;
	*bucket = dentry;
	dentry->flags |= DENTRY_HASHED;
}

static const char *const names[] = {"a", "b", "c", "dd", "eight__8", "more_than_eight", "l", "..."};

/* A path's text out of few names, some of them odd. */
static inline void random_text(char *text, unsigned parts)
{
	*text = '\0';
	if (below(4) == 0)
		strcat(text, below(4) ? "/" : "//");
	for (unsigned i = below(parts + 1); i > 0; i--) {
		uint64_t kind = below(10);

		strcat(text, kind == 0 ? "." : kind <= 2 ? ".." : names[below(kind > 6 ? 3 : 8)]);
		if (i > 1 || below(4) == 0)
			strcat(text, below(8) ? "/" : "//");
	}
}

static inline struct node *add(struct node *dir, struct superblock *super, uint32_t mode)
{
	struct node *node = &nodes[node_count++];

	*node = (struct node){.inode.mode = mode, .inode.super = super, .inode.ops = &plain};
	node->dentry.parent = dir ? &dir->dentry : &node->dentry;
	node->dentry.inode = &node->inode;
	node->dentry.count.value = 100;
	node->inode.uid = (uint32_t)below(3);
	node->inode.gid = 9;
	if (dir && S_ISDIR(mode))
		node->dentry.flags |= DENTRY_DIRECTORY;
	return node;
}

static inline void add_child(struct node *dir, struct superblock *super)
{
	uint64_t kind = below(10);
	uint32_t type = kind < 5 ? S_IFDIR : kind < 7 ? S_IFREG : S_IFLNK;
	static const uint32_t modes[] = {0755, 0700, 0644, 01777, 01777};
	const char *name = names[below(8)];
	struct node *node;

	if (child_of(&dir->dentry, name, strlen(name)))
		return;
	node = add(dir, super, type | modes[below(8) ? 0 : below(5)]);
	strcpy(node->name, name);
	if (type == S_IFLNK) {
		node->dentry.flags |= DENTRY_LINK;
		random_text(node->text, 3);
		if (kind == 9 && dir->inode.ops == &on_demand) {
			node->inode.ops = &magic;
			node->dentry.flags |= DENTRY_TRANSIENT;
		}
	} else if (type == S_IFDIR && below(4) == 0) {
		node->inode.ops = &on_demand;
	}
	node->inode.number = below(2);
	if (dir->inode.ops == &on_demand) {
		node->dentry.flags |= DENTRY_TRANSIENT;
		if (node->inode.ops == &plain && type != S_IFDIR)
			node->inode.ops = type == S_IFLNK ? &on_demand : &plain;
		if (below(2))
			hash_in(node);
	} else {
		hash_in(node);
	}
}

static inline struct node *random_dir(void)
{
	struct node *node;

	do
		node = &nodes[below(node_count)];
	while (!S_ISDIR(node->inode.mode));
	return node;
}

/* Mount @i shows a file system of its own, or a part of the first, somewhere. */
static inline void add_mount(unsigned i)
{
	struct mount *mount = &mounts[i];
	struct node *root;

	supers[i] = (struct superblock){};
	*mount = (struct mount){.super = &supers[i]};
	spread_init(&mount->count, 100);
	if (i == MOUNTS - 1) {
		root = random_dir();
		mount->super = root->inode.super;
	} else {
		root = add(NULL, &supers[i], S_IFDIR | 0755);
		mount->super->root = &root->dentry;
	}
	mount->root = &root->dentry;
	if (i) {
		struct node *at = random_dir();

		mount->parent = &mounts[below(i)];
		while (at->inode.super != mount->parent->super)
			at = random_dir();
		mount->mountpoint = &at->dentry;
		at->dentry.mounted++;
	}
	mount_count = i + 1;
	for (unsigned k = 0; k < 9; k++) {
		struct node *dir = random_dir();

		if (dir->inode.super == mount->super && node_count < NODES)
			add_child(dir, mount->super);
	}
}

static inline struct path random_place(void)
{
	struct mount *mount = &mounts[below(MOUNTS)];
	struct node *dir = random_dir();

	while (dir->inode.super != mount->super)
		dir = random_dir();
	return (struct path){mount, &dir->dentry};
}

static inline void make_tree(void)
{
	memset(buckets, 0, sizeof(buckets));
	node_count = mount_count = 0;
	for (unsigned i = 0; i < MOUNTS; i++)
		add_mount(i);
	for (unsigned i = 0; i < node_count; i++)
		if (nodes[i].inode.ops == &magic && below(4))
			nodes[i].target = random_place();
	context.root.path = below(3) ? (struct path){&mounts[0], mounts[0].root} : random_place();
	context.cwd.path = below(3) ? context.root.path : random_place();
	cred->fsuid = (uint32_t)below(3);
	cred->caps.effective = below(4) ? 0 : CAP_BIT(CAP_DAC_OVERRIDE);
}

static inline uint64_t references(void)
{
	uint64_t sum = 0;

	for (unsigned i = 0; i < node_count; i++)
		sum += nodes[i].dentry.count.value;
	for (unsigned i = 0; i < MOUNTS; i++)
		sum += mounts[i].count.rest.value;
	return sum;
}

static inline void check_after(uint64_t before)
{
	CHECK_EQ(references(), before);
	CHECK(!cpu.epoch_depth && !cpu.held_locks && !thread.held_mutexes);
	CHECK(!context.lock.held && heap_live == 1); /* the cred */
	CHECK(!dentry_rename_lock.owner && !mount_lock.owner);
}

/* What a walk does not set it must not use. */
static __noinline void dirty_stack(void)
{
	volatile uint8_t bytes[4096];

	for (unsigned i = 0; i < sizeof(bytes); i++)
		bytes[i] = 0xa5;
}

static inline void walk_begin(void)
{
	cred = cred_copy(cred_root());
	spread_boot();
	cpu.current = &thread;
	spin_init(&context.lock, LOCK_FS_CONTEXT);
	list_init(&dentry_rename_lock.waiters.waiters);
	list_init(&mount_lock.waiters.waiters);
}
