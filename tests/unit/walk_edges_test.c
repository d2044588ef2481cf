/* SPDX-License-Identifier: BSD-2-Clause */
/* Where a walk has to give up, or to begin again. */
#include "tests/unit/walk_fixture.h"

/* A directory with nothing in it but what a test adds. */
static struct node *plain_root(void)
{
	memset(buckets, 0, sizeof(buckets));
	node_count = 0;
	mount_count = 0;
	moves_left = 0;
	add_mount(0);
	node_count = 1;
	memset(buckets, 0, sizeof(buckets));
	context.root.path = context.cwd.path = (struct path){&mounts[0], mounts[0].root};
	cred->caps.effective = CAP_ALL;
	return &nodes[0];
}

static struct node *add_named(struct node *dir, const char *name, uint32_t mode, const char *text)
{
	struct node *node = add(dir, dir->inode.super, mode);

	strcpy(node->name, name);
	strcpy(node->text, text);
	node->dentry.flags |= S_ISLNK(mode) ? DENTRY_LINK : 0;
	hash_in(node);
	return node;
}

static enum err look(const char *name, unsigned flags)
{
	const struct path_at at = {.context = &context, .cred = cred, .name = name};
	uint64_t before = references();
	struct path found;
	enum err error;

	dirty_stack();
	error = path_lookup(&at, flags, &found);
	if (!error)
		path_put(&found);
	if (!dying)
		check_after(before);
	return error;
}

/* Forty links, one behind the other or all in one path, and no more. */
static void test_links(void)
{
	struct node *root = plain_root();
	char name[24], next[24], path[300] = "";

	for (unsigned i = 0; i < 42; i++) {
		sprintf(name, "l%u", i);
		sprintf(next, "l%u", i + 1);
		add_named(root, name, S_IFLNK | 0777, i < 41 ? next : "/");
	}
	CHECK_EQ(look("l2", LOOKUP_FOLLOW), OK);
	CHECK_EQ(look("l1", LOOKUP_FOLLOW), ERR_LOOP);
	CHECK_EQ(look("l1", 0), OK);
	CHECK_EQ(look("l1/", 0), ERR_LOOP);
	for (unsigned i = 0; i < 40; i++)
		strcat(path, "l41/");
	CHECK_EQ(look(path, 0), OK);
	CHECK_EQ(look(strcat(path, "l41/"), 0), ERR_LOOP);
}

/* In a shared directory the last link is its maker's to follow, however one gets there. */
static void test_links_of_others(void)
{
	struct node *root = plain_root();
	struct node *dir = add_named(root, "t", S_IFDIR | 01777, "");
	struct node *link = add_named(dir, "l", S_IFLNK | 0777, "/");

	add_named(root, "way", S_IFLNK | 0777, "t/l");
	dir->inode.uid = 1;
	link->inode.uid = 2;
	cred->fsuid = 0;
	CHECK_EQ(look("t/l", LOOKUP_FOLLOW), ERR_ACCES);
	CHECK_EQ(look("t/l/", 0), ERR_ACCES);
	CHECK_EQ(look("way", LOOKUP_FOLLOW), ERR_ACCES);
	CHECK_EQ(look("t/l", 0), OK);
	CHECK_EQ(look("t/l/t", LOOKUP_FOLLOW), OK);
	cred->fsuid = 2;
	CHECK_EQ(look("t/l", LOOKUP_FOLLOW), OK);
}

/* Rests are kept for as many links as may be followed at once. */
static void test_nested_links(void)
{
	struct node *root = plain_root();
	char name[24], text[40];

	for (unsigned i = 0; i < 41; i++) {
		sprintf(name, "l%u", i);
		sprintf(text, i < 40 ? "l%u/." : "/", i + 1);
		add_named(root, name, S_IFLNK | 0777, text);
	}
	CHECK_EQ(look("l1/.", LOOKUP_FOLLOW), OK);
	CHECK_EQ(look("l0/.", LOOKUP_FOLLOW), ERR_LOOP);
}

static void test_no_memory(void)
{
	struct node *root = plain_root();
	struct node *dir = add_named(root, "d", S_IFDIR | 0755, "");
	struct node *file = add_named(dir, "made", S_IFREG | 0644, "");

	add_named(root, "l", S_IFLNK | 0777, "d/made");
	add_named(root, "here", S_IFLNK | 0777, "/d");
	heap_is_empty = true;
	CHECK_EQ(look("l", LOOKUP_FOLLOW), OK);
	CHECK_EQ(look("here/made", 0), ERR_NOMEM);
	heap_is_empty = false;
	CHECK_EQ(look("here/made", 0), OK);
	/* Names that are made on demand: the link's text is copied for as long. */
	dir->inode.ops = &on_demand;
	file->dentry.flags |= DENTRY_TRANSIENT;
	CHECK_EQ(look("l", LOOKUP_FOLLOW), OK);
	CHECK_EQ(look("here/made", 0), OK);
	heap_is_empty = true;
	CHECK_EQ(look("l", LOOKUP_FOLLOW), ERR_NOMEM);
	CHECK_EQ(look("d/made", 0), OK);
	heap_is_empty = false;
}

static struct node *made(struct node *dir, const char *name, uint32_t mode, const char *text)
{
	struct node *node = add_named(dir, name, mode, text);

	node->dentry.flags |= DENTRY_TRANSIENT;
	node->inode.ops = &on_demand;
	return node;
}

/* Links' texts, and the caller's behind them, where every name is asked for: all goes on. */
static void test_texts_of_pauses(void)
{
	struct node *root = plain_root(), *d, *s;

	root->inode.ops = &on_demand;
	d = made(root, "d", S_IFDIR | 0755, "");
	s = made(d, "s", S_IFDIR | 0755, "");
	made(s, "leaf", S_IFREG | 0644, "");
	made(s, "up", S_IFLNK | 0777, "../s/./leaf");
	made(root, "all", S_IFLNK | 0777, "d/s/leaf");
	made(root, "dir", S_IFLNK | 0777, "d/s");
	made(root, "over", S_IFLNK | 0777, "dir/leaf");
	made(root, "deep", S_IFLNK | 0777, "dir/../s/up");
	made(root, "off", S_IFLNK | 0777, "d/s/none");
	CHECK_EQ(look("all", LOOKUP_FOLLOW), OK);
	CHECK_EQ(look("dir/leaf", 0), OK);
	CHECK_EQ(look("dir/none", 0), ERR_NOENT);
	CHECK_EQ(look("over", LOOKUP_FOLLOW), OK);
	CHECK_EQ(look("over/x", 0), ERR_NOTDIR);
	CHECK_EQ(look("deep", LOOKUP_FOLLOW), OK);
	CHECK_EQ(look("deep/x", 0), ERR_NOTDIR);
	CHECK_EQ(look("off", LOOKUP_FOLLOW), ERR_NOENT);
	CHECK_EQ(look("dir/../../dir/../s/none", 0), ERR_NOENT);
	CHECK_EQ(look("dir/../../dir/../s/up", LOOKUP_FOLLOW), OK);
}

/* The rest of a link that is done with is not gone on with behind a pause. */
static void test_rest_of_before(void)
{
	struct node *root = plain_root(), *d = add_named(root, "d", S_IFDIR | 0755, "");

	add_named(root, "here", S_IFLNK | 0777, ".");
	add_named(root, "dir", S_IFLNK | 0777, "here/d/s");
	d->inode.ops = &on_demand;
	made(made(d, "s", S_IFDIR | 0755, ""), "leaf", S_IFREG | 0644, "");
	CHECK_EQ(look("dir/leaf", 0), OK);
}

/* A name that is cached and holds no more. */
static void test_stale(void)
{
	struct node *root = plain_root(), *file;

	root->inode.ops = &on_demand;
	file = made(root, "f", S_IFREG | 0644, "");
	file->inode.number = 0;
	CHECK_EQ(look("f", 0), OK);
	names_are_gone = true;
	CHECK_EQ(look("f", 0), ERR_NOENT);
	names_are_gone = false;
}

/* One step: what is there now, found with a reference. */
static void test_child(void)
{
	struct node *root = plain_root();
	struct node *file = add_named(root, "f", S_IFREG | 0644, "");
	const struct last_name f = {.text = "f", .len = 1}, g = {.text = "g", .len = 1};
	struct dentry *out = NULL;

	CHECK_EQ(path_child_locked(&root->dentry, &g, &out), ERR_NOENT);
	CHECK_EQ(path_child_locked(&root->dentry, &f, &out), OK);
	CHECK(out == &file->dentry && out->count.value == 101);
	dentry_put(out);
	/* Resident names are asked whether they still hold, and not looked up again. */
	file->inode.ops = &on_demand;
	file->inode.number = 1;
	out = NULL;
	CHECK_EQ(path_child_locked(&root->dentry, &f, &out), OK);
	CHECK(out == &file->dentry && out->count.value == 101);
	dentry_put(out);
	file->inode.number = 0;
	CHECK_EQ(path_child_locked(&root->dentry, &f, &out), ERR_NOENT);
	CHECK_EQ(file->dentry.count.value, 100);
}

static void test_lengths(void)
{
	struct node *root = plain_root();
	static char name[5000];

	(void)root;
	memset(name, 'n', sizeof(name));
	name[255] = '\0';
	CHECK_EQ(look(name, 0), ERR_NOENT);
	name[255] = 'n', name[256] = '\0';
	CHECK_EQ(look(name, 0), ERR_NAMETOOLONG);
	memset(name, '/', sizeof(name));
	name[4095] = '\0';
	CHECK_EQ(look(name, 0), OK);
	name[4095] = '/', name[4096] = '\0';
	CHECK_EQ(look(name, 0), ERR_NAMETOOLONG);
	CHECK_EQ(look("", 0), ERR_NOENT);
	CHECK_EQ(look("", LOOKUP_EMPTY), OK);
}

/* What has ended under the walk is looked up again, and nothing is kept of the first try. */
static void test_lost(void)
{
	struct node *root = plain_root();
	struct node *dir = add_named(root, "d", S_IFDIR | 0755, "");
	struct node *file = add_named(dir, "made", S_IFREG | 0644, "");

	for (unsigned way = 0; way < 6; way++) {
		struct refcount *counts[] = {&file->dentry.count, &mounts[0].count.rest,
					     &dir->dentry.count};
		uint64_t before = references();

		dying = counts[way % 3];
		dying->value = 0;
		if (way == 3)
			dir->inode.ops = &on_demand;
		file->dentry.flags |= way >= 3 ? DENTRY_TRANSIENT : 0;
		if (way != 2)
			CHECK_EQ(look("d/made", 0), OK);
		dying->value = 100;
		dying = NULL;
		check_after(before);
	}
}

/* However often others move something, the walk ends: at last they wait. */
static void test_moves(void)
{
	struct node *root = plain_root();

	add_mount(1);
	mounts[1].parent = &mounts[0];
	mounts[1].mountpoint = &add_named(root, "m", S_IFDIR | 0755, "")->dentry;
	((struct dentry *)(uintptr_t)mounts[1].mountpoint)->mounted = 1;
	for (unsigned count = 0; count < 40; count++) {
		moves_left = count;
		CHECK_EQ(look("m", 0), OK);
		CHECK_EQ(moves_left, count <= 16 ? 0 : count - 16);
	}
	moves_left = 0;
}

int main(void)
{
	walk_begin();
	test_links();
	test_links_of_others();
	test_nested_links();
	test_no_memory();
	test_texts_of_pauses();
	test_rest_of_before();
	test_stale();
	test_child();
	test_lengths();
	test_lost();
	test_moves();
	cred_put(cred);
	return check_done("walk_edges");
}
